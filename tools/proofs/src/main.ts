/**
 * `npm run prove -- NAME… [--short] [--json]`: measures what the README claims about faults and load, on servers
 * of its own, and exits 1 where a bound does not hold. The last line of each figure says what was wanted.
 */
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { holds, type Figure } from './proof.ts';
import { proofs } from './proofs/index.ts';
import { runProof } from './run-proof.ts';

const { names, short, json } = await yargs(hideBin(process.argv))
  .scriptName('npm run prove --')
  .command('$0 [names..]', 'Measure, on private servers, what is promised about faults and load', (command) =>
    command.positional('names', {
      array: true,
      type: 'string',
      choices: proofs.map(({ name }) => name),
      describe: `which; default all. ${proofs.map(({ name, title }) => `${name}: ${title}`).join('; ')}`,
    }),
  )
  .option('short', { type: 'boolean', default: false, describe: 'a smaller run of some seconds' })
  .option('json', { type: 'boolean', default: false, describe: 'the figures as one JSON document' })
  .strict()
  .parse();

const wanted = (names ?? []) as readonly string[]; // yargs types a positional of a default command loosely
const chosen = proofs.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const told: Record<string, readonly Figure[]> = {};
for (const proof of chosen) {
  console.error(`${proof.name}: ${proof.title}`);
  told[proof.name] = await runProof(proof, { short, say: (text) => void console.error(`  ${text}`) });
  if (!json) for (const figure of told[proof.name] ?? []) console.log(line(figure));
}
if (json) console.log(JSON.stringify(told));
process.exitCode = Object.values(told).flat().every(holds) ? 0 : 1;

function line(figure: Figure): string {
  const { name, value, unit, most, least } = figure;
  const rounded = Number.isInteger(value) ? String(value) : value.toFixed(1);
  const wanted =
    most !== undefined ? `at most ${String(most)}` : least !== undefined ? `at least ${String(least)}` : '';
  const verdict = wanted === '' ? '' : `  ${holds(figure) ? 'holds' : 'DOES NOT HOLD'} (${wanted})`;
  return `  ${name.padEnd(42)} ${rounded.padStart(10)} ${unit}${verdict}`;
}
