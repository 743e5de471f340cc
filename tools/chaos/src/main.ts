/** `npm run chaos`: no logic; the command line in, an exit code out. */
import { chaos } from './chaos.ts';
import { parseOptions, WrongUsageError } from './options.ts';

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => stopping.abort(new Error(`ended by ${signal}`)));

try {
  const options = await parseOptions(process.argv.slice(2), (text) => process.stdout.write(text));
  if (options !== undefined) process.exitCode = await chaos(options, stopping.signal, (line) => console.log(line));
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  if (error instanceof Error && error.cause !== undefined && !stopping.signal.aborted) console.error(error.cause);
  process.exitCode = error instanceof WrongUsageError ? 2 : stopping.signal.aborted ? 130 : 1;
}
process.exit(); // handles that a fault left half open are nobody's any more
