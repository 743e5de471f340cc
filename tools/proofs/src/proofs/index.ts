/** All proofs, by name. */
import type { Proof } from '../proof.ts';
import { dashboard } from './dashboard.ts';
import { deploys } from './deploys.ts';
import { flushall } from './flushall.ts';
import { memory } from './memory.ts';
import { notices } from './notices.ts';
import { redisRestart } from './redis-restart.ts';

export const proofs: readonly Proof[] = [flushall, redisRestart, deploys, memory, dashboard, notices];
