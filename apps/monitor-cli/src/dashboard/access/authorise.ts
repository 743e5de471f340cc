// Who asks, by the bearer token: OPERATOR_TOKEN may write, VIEWER_TOKEN may read, and where neither is set everybody may do
// both (the server then listens on loopback only). Pure but for a key of this process. Tokens are compared by digests of one
// length, all of them at each ask, so that the time tells nothing of how much of a token was right.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { HttpProblem } from '../problem.ts';

export type Role = 'operator' | 'viewer' | 'anonymous';

export interface Tokens {
  readonly operator: string | undefined;
  readonly viewer: string | undefined;
}

const BEARER = /^Bearer +(\S+) *$/i;

/** @returns who asks. @throws HttpProblem 401 without a right token, 403 where it may not write */
export type Authorise = (authorization: string | undefined, writes: boolean) => Role;

export function createAuthorise({ operator, viewer }: Tokens): Authorise {
  if (operator === undefined && viewer === undefined) return () => 'anonymous';
  const key = randomBytes(32);
  const digest = (text: string): Buffer => createHmac('sha256', key).update(text).digest();
  // Of a token that is not set nobody has the text: its digest is of random bytes.
  const known = (token: string | undefined): Buffer => (token === undefined ? randomBytes(32) : digest(token));
  const [operatorDigest, viewerDigest] = [known(operator), known(viewer)];
  return (authorization, writes) => {
    const given = digest(BEARER.exec(authorization ?? '')?.[1] ?? '');
    const [isOperator, isViewer] = [timingSafeEqual(given, operatorDigest), timingSafeEqual(given, viewerDigest)];
    if (isOperator) return 'operator';
    if (!isViewer) throw unauthorised(authorization);
    if (writes) throw new HttpProblem(403, 'may_not', 'this token may read only; use the one of OPERATOR_TOKEN');
    return 'viewer';
  };
}

function unauthorised(authorization: string | undefined): HttpProblem {
  const detail =
    authorization === undefined
      ? 'send `Authorization: Bearer TOKEN` with the token of OPERATOR_TOKEN or VIEWER_TOKEN'
      : 'this is neither OPERATOR_TOKEN nor VIEWER_TOKEN of this dashboard';
  return new HttpProblem(401, 'no_token', detail, { 'www-authenticate': 'Bearer realm="jobhive"' });
}
