/** What tests of all projects need: own stores, faults on the wire, waits that explain themselves, programs, leak checks. */
export { blockLoop, openDebugger } from './block-loop.ts';
export { HistoryError, type TestDatabase, testDatabase, type TestDatabaseOptions, testServerUrl } from './database.ts';
export { HEAP_OPTIONS, heapInUse } from './heap-in-use.ts';
export { childProcesses, type LeakCheck, LeakError, watchForLeaks } from './leaks.ts';
export {
  type ProgramEnd,
  type ProgramOptions,
  type ProgramResult,
  runProgram,
  type StartedProgram,
  startProgram,
} from './program.ts';
export { type Proxy, tcpProxy } from './proxy.ts';
export { type TestRedis, testRedis } from './redis.ts';
export { startTmux, type TmuxOptions, type TmuxTerminal } from './tmux.ts';
export { type Manner, type ReceivedWebhook, startWebhookReceiver, type WebhookReceiver } from './webhook-receiver.ts';
export { WaitError, waitFor, type WaitOptions } from './wait-for.ts';
export {
  findChromium,
  findPromtool,
  freePort,
  startPrivatePostgres,
  startPrivateRedis,
  type RunningServer,
} from '@jobhive/servers';
