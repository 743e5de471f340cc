// doctor: checks the set-up and says how to mend what it finds. It needs nothing: what is away is a finding. Exit 1 only
// where something must be mended.
import type { Command } from '../command.ts';
import { diagnose, type Diagnosis } from '../doctor/doctor.ts';
import { examine } from '../doctor/examine.ts';
import type { Finding } from '../doctor/finding.ts';
import type { Output } from '../print/output.ts';
import { plainLine } from '../print/plain.ts';
import type { Paint } from '../print/style.ts';

function findingLines({ check, severity, message, mend }: Finding, paint: Paint): string[] {
  const mark = { ok: paint.green('ok  '), warn: paint.yellow('warn'), mend: paint.red('mend') }[severity];
  const line = `${mark}  ${check.padEnd(26)} ${plainLine(message)}`;
  return mend === null ? [line] : [line, `      ${' '.repeat(26)} → ${plainLine(mend)}`];
}

function summary({ ok, findings }: Diagnosis): string {
  const warnings = findings.filter(({ severity }) => severity === 'warn').length;
  const mends = findings.filter(({ severity }) => severity === 'mend').length;
  if (!ok) return `${String(mends)} to be mended, ${String(warnings)} to be looked at.`;
  return warnings === 0 ? 'All is well.' : `Nothing has to be mended; ${String(warnings)} to be looked at.`;
}

function print(out: Output, diagnosis: Diagnosis): void {
  out.lines(...diagnosis.findings.flatMap((finding) => findingLines(finding, out.paint)), '', summary(diagnosis));
}

export const doctorCommand: Command = {
  syntax: 'doctor',
  describe: 'check the set-up, say how to mend what is found',
  examples: [['$0 doctor --json | jq \'.findings[] | select(.severity != "ok")\'', 'what is not as it should be']],
  prepare: () => ({
    needs: { postgres: 'unneeded', redis: 'unneeded', migrated: false },
    run: async ({ open, environment, clock, out }) => {
      const diagnosis = diagnose(await examine(open, environment, clock));
      if (out.json) out.document(diagnosis);
      else print(out, diagnosis);
      return diagnosis.ok ? 0 : 1;
    },
  }),
};
