/** The faults by the names of kinds.ts. */
import type { Fault } from './fault.ts';
import { blockLoop } from './loop-block.ts';
import { cut, delay, hole, outage, partition } from './network.ts';
import { crash, readOnly, terminateBackends } from './postgres.ts';
import { twoRebuilds, twoReconcilers } from './reconciler.ts';
import {
  emptyRedis,
  flushAll,
  flushScripts,
  killClients,
  killRedis,
  loseTail,
  oldCopy,
  refuseWrites,
} from './redis.ts';
import { deploy, freeze, kill } from './workers.ts';

export const FAULTS: Readonly<Record<string, Fault>> = {
  'worker-kill': kill,
  'worker-freeze': freeze,
  'loop-block': blockLoop,
  deploy,
  'redis-kill': killRedis,
  'redis-tail': loseTail,
  'redis-empty': emptyRedis,
  'redis-old': oldCopy,
  'redis-flush': flushAll,
  'redis-scripts': flushScripts,
  'redis-clients': killClients,
  'redis-full': refuseWrites,
  'postgres-crash': crash,
  'postgres-backends': terminateBackends,
  'postgres-readonly': readOnly,
  'net-cut': cut,
  'net-delay': delay,
  'net-hole': hole,
  outage,
  partition,
  'two-reconcilers': twoReconcilers,
  'two-rebuilds': twoRebuilds,
};
