// One call of the API: with the token where there is one. A 401 asks for a token.
import { access, authorization, refused } from './access.ts';
import { ProblemError } from './problem.ts';
import { send, type Call, type Manner } from './send.ts';

/** @throws ProblemError; an aborted call rejects with the reason of its signal */
export async function ask<Answer>(path: string, call: Call = {}): Promise<Answer> {
  const { token } = access.get();
  const manner: Manner = { headers: authorization(token), cache: 'no-store', credentials: 'omit' };
  try {
    return (await send(path, call, manner)) as Answer; // our own server's, whose shapes are tested against its OpenAPI document
  } catch (error) {
    if (error instanceof ProblemError && error.status === 401) refused(token);
    throw error;
  }
}
