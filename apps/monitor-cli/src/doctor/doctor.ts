// Runs the checks over what was seen. Each check is a file of checks/, pure, and gives one finding or more; the order here
// is that of the answer. `ok` is false where anything must be mended.
import { checkClocks } from './checks/clocks.ts';
import { checkPostgres } from './checks/postgres.ts';
import { checkPostgresLoad } from './checks/postgres-load.ts';
import { checkRedis } from './checks/redis.ts';
import { checkSchema } from './checks/schema.ts';
import { checkSettings } from './checks/settings.ts';
import { checkStores } from './checks/stores.ts';
import { checkWorkers } from './checks/workers.ts';
import type { DoctorFacts } from './facts.ts';
import type { Finding } from './finding.ts';

export type Check = (facts: DoctorFacts) => readonly Finding[];

const CHECKS: readonly Check[] = [
  checkPostgres,
  checkSchema,
  checkPostgresLoad,
  checkRedis,
  checkClocks,
  checkWorkers,
  checkStores,
  checkSettings,
];

export interface Diagnosis {
  readonly ok: boolean;
  readonly findings: readonly Finding[];
}

export function diagnose(facts: DoctorFacts): Diagnosis {
  const findings = CHECKS.flatMap((check) => check(facts));
  return { ok: findings.every(({ severity }) => severity !== 'mend'), findings };
}
