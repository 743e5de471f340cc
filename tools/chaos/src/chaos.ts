/**
 * The command: plan, run, judge, table. Exit 0 where every law held, 1 with the seed and what was broken, 2 for wrong usage.
 * Evidence lies in .state/chaos/SEED; it stays where a law was broken, and can be judged again. Ctrl-C ends everything that was started.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readEvidence, writeEvidence } from './evidence-file.ts';
import type { Evidence } from './evidence.ts';
import { judge, type Verdict } from './judge.ts';
import { WrongUsageError, type Options } from './options.ts';
import { makePlan, type Plan } from './plan.ts';
import { createProgress } from './progress.ts';
import { asMarkdown, asText, makeReport } from './report.ts';
import { runPlan } from './run.ts';
import { violationLine } from './violation.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const SHOWN_MAX = 20;

export async function chaos(options: Options, stopping: AbortSignal, print: (line: string) => void): Promise<number> {
  const plan = makePlan(options);
  const folder = join(ROOT, '.state', 'chaos', String(plan.seed));
  const kept = join(folder, 'evidence.json');
  const evidence = options.judgeOnly
    ? await evidenceOf(kept, plan)
    : await evidenceOfRun(plan, folder, stopping, print);
  const verdict = judge(evidence);
  await tell(options, plan, evidence, verdict, print);
  if (verdict.violations.length > 0) {
    await writeFile(
      join(folder, 'violations.txt'),
      verdict.violations.map((one) => `${violationLine(one)}\n`).join(''),
    );
    if (!options.judgeOnly) await writeEvidence(kept, evidence);
    print(brokenLines(plan, verdict, folder));
    return 1;
  }
  if (options.judgeOnly) return 0;
  if (options.keep) await writeEvidence(kept, evidence);
  else await rm(folder, { recursive: true, force: true });
  return 0;
}

async function evidenceOfRun(
  plan: Plan,
  folder: string,
  stopping: AbortSignal,
  print: (line: string) => void,
): Promise<Evidence> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  print(opening(plan));
  const progress = createProgress(plan, print);
  const dist = process.env['JOBHIVE_DIST'] ?? join(ROOT, 'dist', 'apps');
  const evidence = await runPlan({ plan, folder, dist, onLook: progress.look, stopping });
  progress.done();
  return evidence;
}

/** @throws WrongUsageError where nothing is kept */
async function evidenceOf(kept: string, { seed }: Plan): Promise<Evidence> {
  try {
    return await readEvidence(kept);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new WrongUsageError(`nothing is kept of a run with seed ${String(seed)}: run it with --keep first`);
  }
}

function opening(plan: Plan): string {
  const off = plan.off.length === 0 ? 'every kind of fault' : `every kind of fault but ${plan.off.join(', ')}`;
  return (
    `seed ${String(plan.seed)}: ${String(plan.jobs)} jobs, ${String(plan.acts.size)} of them misbehaving, ${String(plan.workers)} workers, ` +
    `${String(plan.steps.length)} faults within ${(plan.durationMs / 60_000).toFixed(1)} minutes; ${off}`
  );
}

async function tell(
  options: Options,
  plan: Plan,
  evidence: Evidence,
  verdict: Verdict,
  print: (line: string) => void,
): Promise<void> {
  const rows = makeReport(evidence, verdict);
  const caption = summary(plan, evidence, verdict);
  print(`\n${asText(rows)}\n\n${caption}`);
  if (options.markdown !== undefined) await writeFile(options.markdown, asMarkdown(rows, caption));
  if (options.json === undefined) return;
  const { violations, spent, statuses } = verdict;
  const figures = {
    seed: plan.seed,
    jobs: plan.jobs,
    workers: plan.workers,
    off: plan.off,
    calls: evidence.calls.length,
    rows,
    spent,
    statuses,
    violations,
  };
  await writeFile(options.json, `${JSON.stringify(figures, undefined, 2)}\n`);
}

function summary(plan: Plan, { workers, calls }: Evidence, { violations, spent, passed, statuses }: Verdict): string {
  const ended = Object.entries(statuses).map(([status, jobs]) => `${String(jobs)} ${status}`);
  const named = passed.filter((one) => one.named).length;
  const answered = (wanted: string): string => String(calls.filter(({ answer }) => answer === wanted).length);
  return [
    `seed ${String(plan.seed)}: ${ended.join(', ')}; ${String(workers.length)} worker processes lived`,
    ...(calls.length === 0
      ? []
      : [
          `${String(calls.length)} calls of operators, ${answered('refused')} refused, ${answered('unknown')} unanswered`,
        ]),
    `attempts spent: ${String(spent.byWork)} by errors and timeouts, ${String(spent.byLostWorkers)} with lost workers, ${String(spent.documented)} with both stores away`,
    `first deliveries passed by later ones: ${String(named)} that law 5 names, ${String(passed.length - named)} others`,
    `broken laws: ${String(violations.length)}`,
  ].join('; ');
}

function brokenLines({ seed }: Plan, { violations }: Verdict, folder: string): string {
  const shown = violations.slice(0, SHOWN_MAX).map((one) => `  ${violationLine(one)}`);
  const more = violations.length > SHOWN_MAX ? [`  and ${String(violations.length - SHOWN_MAX)} more`] : [];
  return ['', `broken with seed ${String(seed)}:`, ...shown, ...more, `evidence: ${folder}`].join('\n');
}
