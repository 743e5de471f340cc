/**
 * The kinds of fault, as a table: how many of them go with 20,000 jobs, in which lane (those of one lane never overlap each
 * other, those of two do), and whether a seed may switch the kind off. What each does stands in faults/.
 */
export interface Kind {
  readonly name: string;
  readonly lane: 'kill' | 'freeze' | 'block' | 'deploy' | 'redis' | 'postgres' | 'network' | 'reconciler';
  /** With 20,000 jobs; scaled, and at least one. */
  readonly count: number;
  /** Some are switched off per seed; what the acceptance counts is not. */
  readonly mayBeOff: boolean;
  readonly words: string;
}

const kind = (name: string, lane: Kind['lane'], count: number, words: string, mayBeOff = true): Kind => ({
  name,
  lane,
  count,
  mayBeOff,
  words,
});

export const KINDS: readonly Kind[] = [
  kind('worker-kill', 'kill', 220, 'SIGKILL of a worker', false),
  kind('worker-freeze', 'freeze', 24, 'SIGSTOP of a worker past its lease, SIGCONT'),
  kind('loop-block', 'block', 16, 'event loop of a worker blocked past its lease'),
  kind('deploy', 'deploy', 6, 'rolling deploy: SIGTERM of every worker, one after the other'),
  kind('redis-kill', 'redis', 13, 'Redis SIGKILL, restart with its data', false),
  kind('redis-tail', 'redis', 7, 'Redis SIGKILL, restart without its last second', false),
  kind('redis-empty', 'redis', 4, 'Redis SIGKILL, restart without data', false),
  kind('redis-old', 'redis', 3, 'Redis SIGKILL, restart with a copy that is seconds old'),
  kind('redis-flush', 'redis', 8, 'FLUSHALL', false),
  kind('redis-scripts', 'redis', 10, 'SCRIPT FLUSH'),
  kind('redis-clients', 'redis', 15, 'CLIENT KILL of all connections'),
  kind('redis-full', 'redis', 4, 'Redis refuses writes (memory full)'),
  kind('postgres-crash', 'postgres', 24, 'Postgres stopped with -m immediate, started again', false),
  kind('postgres-backends', 'postgres', 20, 'all backends terminated'),
  kind('postgres-readonly', 'postgres', 4, 'Postgres refuses writes (read-only)'),
  kind('net-cut', 'network', 25, 'connections of some workers cut'),
  kind('net-delay', 'network', 12, 'answers of one store delayed'),
  kind('net-hole', 'network', 12, 'bytes of some workers swallowed for a second'),
  kind('outage', 'network', 2, 'Postgres hidden from everybody past the lease'),
  kind('partition', 'network', 3, 'Postgres hidden from half of the workers past the lease'),
  kind('two-reconcilers', 'reconciler', 10, 'the lease of the reconciler taken away while it works'),
  kind('two-rebuilds', 'reconciler', 6, 'two rebuilds at once by operators'),
];
