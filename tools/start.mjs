/**
 * `npm start [-- --once]`: builds the programs by Nx, quietly, then runs tools/start/src/start.ts in this very process, so that
 * signals reach the one that stops everything.
 */
import { register } from 'tsx/esm/api';
import { buildOrExit } from './nx.mjs';

const unknown = process.argv.slice(2).filter((arg) => arg !== '--once');
if (unknown.length > 0) {
  console.error(`error: unknown argument ${unknown.join(' ')}: npm start takes only \`-- --once\``);
  process.exit(2);
}

console.log('Building …');
await buildOrExit('worker', 'poller', 'monitor-cli');
register();
const { main } = await import('./start/src/start.ts');
main({ once: process.argv.includes('--once') });
