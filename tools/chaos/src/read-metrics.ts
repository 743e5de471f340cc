/** Asks each worker once what it tells of itself by HTTP: whether words of a posting stand in it, and who does not answer. */
import { setTimeout as pause } from 'node:timers/promises';
import { POSTING_WORD } from './evidence.ts';

/** Of a worker that has just been started, too. */
const ANSWER_MS_MAX = 15_000;
const AGAIN_MS = 200;

export interface Told {
  readonly leaky: readonly string[];
  /** Bounds that were outlived, in words. */
  readonly overdue: readonly string[];
}

/** @param ports of the workers, by place */
export async function readMetrics(ports: readonly number[]): Promise<Told> {
  const texts = await Promise.all(ports.map((port) => textOf(port)));
  const named = texts.map((text, place) => ({ text, name: `the worker at place ${String(place)}` }));
  return {
    leaky: named.filter(({ text }) => text?.includes(POSTING_WORD) === true).map(({ name }) => name),
    overdue: named
      .filter(({ text }) => text === undefined)
      .map(({ name }) => `${name} did not tell its metrics within ${String(ANSWER_MS_MAX)} ms`),
  };
}

async function textOf(port: number): Promise<string | undefined> {
  const bound = AbortSignal.timeout(ANSWER_MS_MAX);
  while (!bound.aborted) {
    try {
      const answer = await fetch(`http://127.0.0.1:${String(port)}/metrics`, { signal: bound });
      if (answer.ok) return await answer.text();
    } catch {
      // it is just starting
    }
    await pause(AGAIN_MS);
  }
  return undefined;
}
