/**
 * Seed and size → the whole plan of a run: which fault when and on whom, which job misbehaves in which stage, when each job is
 * enqueued. Pure: the same arguments give the same plan. What a run makes of it depends on the machine's timing, of course.
 */
import type { WhatAsked } from './evidence.ts';
import { KINDS, type Kind } from './kinds.ts';
import { createRandom, uuidFrom, type Random } from './random.ts';

export const ACTS = ['fail', 'permanent', 'retry_after', 'hang', 'spin', 'eat', 'exit', 'crash'] as const;
export type ActName = (typeof ACTS)[number];
export const STAGES = ['fetch', 'trial', 'write', 'finish'] as const;

/** A stage misbehaves on attempts up to this number. */
export interface Act {
  readonly act: ActName;
  readonly stage: (typeof STAGES)[number];
  readonly attempts: number;
}

export interface Step {
  readonly kind: string;
  readonly lane: Kind['lane'];
  /** After the start of the load. */
  readonly atMs: number;
  /** How long the fault lasts, where it lasts. */
  readonly forMs: number;
  /** Whom or which one it hits, by number; taken modulo what there is. */
  readonly target: number;
}

/** A call of an operator; of which jobs follows from the numbers and from what producers were told is accepted by then. */
export interface PlannedCall {
  readonly what: Exclude<WhatAsked, 'resume'>;
  /** Which operator makes it, by number: one after the other. */
  readonly operator: number;
  readonly atMs: number;
  /** Each from 0 to below 1: one job each. */
  readonly picks: readonly number[];
}

export interface PlanOptions {
  readonly seed: number;
  readonly jobs: number;
  readonly workers: number;
  readonly minutes: number;
  /** Faults, as a multiple of what goes with the number of jobs. */
  readonly density: number;
  /** Of operators, besides. */
  readonly calls: number;
  /** Switches no kind off. */
  readonly allKinds: boolean;
  /** Only these kinds; empty: as the seed says. */
  readonly only: readonly string[];
}

export interface Plan extends Omit<PlanOptions, 'calls'> {
  readonly leaseMs: number;
  readonly graceSeconds: number;
  readonly retriesMax: number;
  readonly slotsEach: number;
  /** Mean time of a stage that works. */
  readonly stageMs: number;
  readonly durationMs: number;
  readonly kinds: readonly Kind[];
  readonly off: readonly string[];
  readonly steps: readonly Step[];
  readonly jobIds: readonly string[];
  readonly acts: ReadonlyMap<string, Act>;
  readonly calls: readonly PlannedCall[];
}

const LEASE_MS = 5000;
/** So much longer than the lease do absences last that are to outlast it. */
const PAST_LEASE_MS = 1500;
const GRACE_SECONDS = 3;
const RETRIES_MAX = 3;
const SLOTS_EACH = 3;
/** Of the slots' time, were there no faults: most of it is lost to them. */
const SHARE_BUSY = 0.2;
const WORKING_STAGES = 3;
const STAGE_MS_MAX = 1000;
const MISBEHAVING = 0.06;
const OFF_MAX = 3;
const ALWAYS = 99;
export const OPERATORS = 8;
const TOGETHER_MAX = 5;
/** How often operators ask for what. */
const ASKED: readonly (readonly [weight: number, what: PlannedCall['what']])[] = [
  [40, 'enqueue'],
  [25, 'cancel'],
  [18, 'retry'],
  [2, 'retry_all'],
  [13, 'discard'],
  [1, 'clear'],
  [1, 'pause'],
];
const CALLS_UNTIL = 0.95;

export function makePlan(options: PlanOptions): Plan {
  const durationMs = Math.round(options.minutes * 60_000);
  const random = createRandom('chaos', options.seed);
  const off = options.only.length > 0 ? allBut(options.only) : options.allKinds ? [] : switchedOff(random);
  const kinds = KINDS.filter(({ name }) => !off.includes(name));
  const jobIds = Array.from({ length: options.jobs }, (_, n) => uuidFrom('job', options.seed, n));
  const perJobMs = (durationMs * options.workers * SLOTS_EACH * SHARE_BUSY) / options.jobs;
  return {
    ...options,
    leaseMs: LEASE_MS,
    graceSeconds: GRACE_SECONDS,
    retriesMax: RETRIES_MAX,
    slotsEach: SLOTS_EACH,
    stageMs: Math.min(STAGE_MS_MAX, Math.max(1, Math.round(perJobMs / WORKING_STAGES))),
    durationMs,
    kinds,
    off,
    steps: kinds
      .flatMap((kind) => stepsOf(kind, options, durationMs))
      .sort((a, b) => a.atMs - b.atMs || a.kind.localeCompare(b.kind)),
    jobIds,
    acts: actsOf(jobIds, createRandom('acts', options.seed)),
    calls: callsOf(options, durationMs),
  };
}

/** When job number `n` is enqueued: a tenth at once, so that there is a line; the rest evenly. */
export function enqueueAtMs(plan: Pick<Plan, 'jobs' | 'durationMs'>, n: number): number {
  const head = Math.ceil(plan.jobs / 10);
  return n < head ? 0 : ((n - head) / (plan.jobs - head)) * plan.durationMs * 0.95;
}

function allBut(only: readonly string[]): string[] {
  return KINDS.map(({ name }) => name).filter((name) => !only.includes(name));
}

function switchedOff(random: Random): string[] {
  const candidates = KINDS.filter(({ mayBeOff }) => mayBeOff).map(({ name }) => name);
  return random.shuffled(candidates).slice(0, 1 + random.whole(OFF_MAX));
}

/** Spread evenly over the run, each with its own shake. */
function stepsOf(kind: Kind, { seed, jobs, density }: PlanOptions, durationMs: number): Step[] {
  const random = createRandom('steps', seed, kind.name);
  const count = density === 0 ? 0 : Math.max(1, Math.ceil((kind.count * jobs * density) / 20_000));
  return Array.from({ length: count }, (_, n) => ({
    kind: kind.name,
    lane: kind.lane,
    atMs: Math.round(durationMs * (0.04 + (0.9 * (n + random.next())) / count)),
    forMs: Math.round(lengthMs(kind, random)),
    target: random.whole(1_000_000),
  }));
}

function lengthMs({ name }: Kind, random: Random): number {
  if (['worker-freeze', 'loop-block', 'outage', 'partition'].includes(name)) return LEASE_MS + PAST_LEASE_MS;
  if (name.startsWith('redis-')) return random.between(100, 1000);
  return random.between(300, 1500);
}

/** One of each act at least, where there are jobs enough; most of them errors. */
function actsOf(jobIds: readonly string[], random: Random): Map<string, Act> {
  const count = Math.min(jobIds.length, Math.max(ACTS.length * 2, Math.round(jobIds.length * MISBEHAVING)));
  const chosen = random.shuffled(jobIds).slice(0, count);
  return new Map(chosen.map((jobId, n) => [jobId, actOf(ACTS[n] ?? weighted(random), random)]));
}

function weighted(random: Random): ActName {
  const u = random.next();
  if (u < 0.75) return 'fail';
  if (u < 0.82) return 'permanent';
  if (u < 0.88) return 'retry_after';
  if (u < 0.92) return 'hang';
  if (u < 0.945) return 'spin';
  if (u < 0.965) return 'eat';
  return u < 0.99 ? 'exit' : 'crash';
}

function actOf(act: ActName, random: Random): Act {
  const timed = act === 'hang' || act === 'spin';
  const stage = timed ? 'trial' : (STAGES[random.whole(STAGES.length)] ?? 'fetch');
  if (act === 'retry_after') return { act, stage, attempts: 1 };
  // Those that eat processor time do it once: it is time that the others lack.
  if (act === 'eat' || act === 'spin') return { act, stage, attempts: 1 };
  return { act, stage, attempts: random.next() < 0.25 ? ALWAYS : 1 + random.whole(2) };
}

function callsOf({ seed, calls }: PlanOptions, durationMs: number): PlannedCall[] {
  const random = createRandom('calls', seed);
  return Array.from({ length: calls }, (_, n) => {
    const what = asked(random);
    const count = what === 'enqueue' ? 1 + random.whole(TOGETHER_MAX) : 1;
    return {
      what,
      operator: random.whole(OPERATORS),
      atMs: Math.round((durationMs * CALLS_UNTIL * (n + random.next())) / calls),
      picks: Array.from({ length: count }, () => random.next()),
    };
  });
}

function asked(random: Random): PlannedCall['what'] {
  let left = random.whole(ASKED.reduce((sum, [weight]) => sum + weight, 0));
  return ASKED.find(([weight]) => (left -= weight) < 0)?.[1] ?? 'enqueue';
}
