// Do the clocks agree? Leases and due times go by Postgres' clock alone, so a difference loses nothing; it makes logs, times
// that are shown, and heartbeats hard to read.
import { duration } from '../../print/duration.ts';
import { isAway, type DoctorFacts } from '../facts.ts';
import { ok, warn, type Finding } from '../finding.ts';

const AGREE_MS = 2000;

function judge(check: string, who: string, aheadMs: number): Finding {
  const told = `${who} is ${duration(Math.abs(aheadMs))} ${aheadMs < 0 ? 'behind' : 'ahead of'} this machine`;
  return Math.abs(aheadMs) <= AGREE_MS ? ok(check, told) : warn(check, told, 'set the clocks of both by NTP');
}

export function checkClocks({ postgres, redis }: DoctorFacts): readonly Finding[] {
  return [
    ...(isAway(postgres) ? [] : [judge('postgres.clock', "Postgres' clock", postgres.clockAheadMs)]),
    ...(isAway(redis) ? [] : [judge('redis.clock', "Redis' clock", redis.clockAheadMs)]),
  ];
}
