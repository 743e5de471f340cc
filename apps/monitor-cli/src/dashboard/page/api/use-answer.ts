// What the API answers to a path, kept on screen while it is asked again: when the path changes, and when `version` does. An
// answer that comes after the next question is dropped.
import { useCallback, useEffect, useState } from 'preact/hooks';
import { useStore } from '../store.ts';
import { access } from './access.ts';
import { ProblemError } from './problem.ts';
import { ask } from './request.ts';

export interface Answered<Answer> {
  /** The newest answer, also while the next one is on its way or has failed. */
  readonly data: Answer | undefined;
  readonly problem: ProblemError | undefined;
  readonly loading: boolean;
  readonly reload: () => void;
}

interface State<Answer> {
  readonly data: Answer | undefined;
  readonly problem: ProblemError | undefined;
  readonly loading: boolean;
}

/** @param version another number asks again */
export function useAnswer<Answer>(path: string, version = 0): Answered<Answer> {
  const [state, setState] = useState<State<Answer>>({ data: undefined, problem: undefined, loading: true });
  const [again, setAgain] = useState(0);
  const { token } = useStore(access);
  useEffect(() => {
    const leaving = new AbortController();
    setState((before) => ({ ...before, loading: true }));
    ask<Answer>(path, { signal: leaving.signal }).then(
      (data) => setState({ data, problem: undefined, loading: false }),
      (error: unknown) => {
        if (leaving.signal.aborted) return; // nobody looks at this answer any more
        const problem = error instanceof ProblemError ? error : new ProblemError(0, String(error));
        setState((before) => ({ ...before, problem, loading: false }));
      },
    );
    return () => leaving.abort();
  }, [path, version, again, token]);
  const reload = useCallback(() => setAgain((count) => count + 1), []);
  return { ...state, reload };
}
