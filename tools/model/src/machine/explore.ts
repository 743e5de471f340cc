/**
 * Searches all that can happen, breadth first, from two discovered jobs and three idle workers. Every step is asked for the laws;
 * at the end, from every world that was reached the system alone (no operator, no luck, no fault) must be able to bring both jobs to
 * rest (law 1). The first broken law is told with the shortest way to it.
 */
import { brokenLaw, isAtRest } from './laws.ts';
import { otherSteps, outages } from './other-steps.ts';
import { EVERY_FAULT, type Faults, type Rules } from './rules.ts';
import type { Step } from './step.ts';
import { workerSteps } from './worker-steps.ts';
import { beginning, worldNumber, type Worker, type World } from './world.ts';

export interface Found {
  readonly worlds: number;
  readonly steps: number;
  /** Null where every law holds. */
  readonly broken: { readonly law: string; readonly trace: readonly string[] } | null;
}

export interface ExploreOptions {
  /** Up to 3. */
  readonly workers?: number;
  /** Up to 2. */
  readonly jobs?: number;
  readonly faults?: Faults;
  /** The search fails rather than run for ever. */
  readonly worldsMax?: number;
}

export function explore(
  rules: Rules,
  { workers = 3, jobs = 2, faults = EVERY_FAULT, worldsMax = 5_000_000 }: ExploreOptions = {},
): Found {
  const seen = createSeen();
  const backward: number[] = []; // pairs: to, from; steps of the system alone
  const resting: number[] = [];
  let frontier: { world: World; id: number }[] = [];
  let steps = 0;
  const visit = (world: World, parent: number, step: Step | undefined): number => {
    const number = worldNumber(world);
    const known = seen.idOf(number);
    if (known !== undefined) return known;
    const id = seen.add(number, parent, step === undefined ? '' : nameOf(step));
    if (seen.size > worldsMax) throw new Error(`more than ${String(worldsMax)} worlds: the model has grown too large`);
    if (isAtRest(world)) resting.push(id);
    frontier.push({ world, id });
    return id;
  };
  visit(beginning(jobs, workers), -1, undefined);
  while (frontier.length > 0) {
    const now = frontier;
    frontier = [];
    for (const { world, id } of now) {
      for (const step of stepsFrom(world, rules, faults)) {
        steps += 1;
        const law = brokenLaw(world, step);
        if (law !== null)
          return { worlds: seen.size, steps, broken: { law, trace: [...seen.trace(id), nameOf(step)] } };
        const to = visit(step.world, id, step);
        if (step.by === 'system') backward.push(to, id);
      }
    }
  }
  const stuck = firstThatCannotRest(seen.size, backward, resting);
  const broken = stuck === -1 ? null : { law: 'law 1: no way leads on to rest', trace: seen.trace(stuck) };
  return { worlds: seen.size, steps, broken };
}

function nameOf({ job, name }: Step): string {
  return `job ${String(job)}: ${name}`;
}

function stepsFrom(world: World, rules: Rules, faults: Faults): Step[] {
  const steps = outages(world, rules);
  world.workers.forEach((worker, w) => {
    if (!hasTwin(world, w, worker)) steps.push(...workerSteps(world, w, rules, faults));
  });
  world.jobs.forEach((_job, j) => steps.push(...otherSteps(world, j, rules, faults)));
  return steps;
}

/** Of workers that are at the same, one is as good as another. */
function hasTwin({ workers }: World, w: number, worker: Worker): boolean {
  const isSame = (other: Worker): boolean =>
    other.at === worker.at &&
    other.job === worker.job &&
    other.holds === worker.holds &&
    other.outcome === worker.outcome &&
    other.askOnItsWay === worker.askOnItsWay;
  return workers.findIndex(isSame) < w;
}

/** Worlds by number, and the way on which each was reached first. */
function createSeen() {
  const ids = new Map<number, number>();
  const parents: number[] = [];
  const names: string[] = [];
  return {
    get size() {
      return parents.length;
    },
    idOf: (number: number): number | undefined => ids.get(number),
    add: (number: number, parent: number, name: string): number => {
      const id = parents.length;
      ids.set(number, id);
      parents.push(parent);
      names.push(name);
      return id;
    },
    trace: (id: number): string[] => {
      const way: string[] = [];
      for (let at = id; at > 0; at = parents[at] ?? 0) way.unshift(names[at] ?? '');
      return way;
    },
  };
}

/** Walks back from the worlds at rest. @returns the first world from which none of them is reached, or -1 */
function firstThatCannotRest(worlds: number, backward: readonly number[], resting: readonly number[]): number {
  const heads = new Int32Array(worlds).fill(-1);
  const nexts = new Int32Array(backward.length / 2);
  for (let edge = 0; edge < nexts.length; edge += 1) {
    const to = backward[edge * 2] ?? 0;
    nexts[edge] = heads[to] ?? -1;
    heads[to] = edge;
  }
  const reaches = new Uint8Array(worlds);
  const stack = [...resting];
  for (const id of resting) reaches[id] = 1;
  for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
    for (let edge = heads[id] ?? -1; edge !== -1; edge = nexts[edge] ?? -1) {
      const from = backward[edge * 2 + 1] ?? 0;
      if (reaches[from] === 1) continue;
      reaches[from] = 1;
      stack.push(from);
    }
  }
  return reaches.indexOf(0);
}
