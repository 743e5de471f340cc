// The log of monitor-cli: stderr, from `warn` up. What the answer or the error line of a command tells by itself (a store
// that is away, a job that was not delivered) is not told a second time, unless all is wanted with LOG_LEVEL=debug.
import { createLogger, secretsOf, type Environment, type EventName, type Logger } from '@jobhive/config';

const TOLD_BY_THE_ANSWER: ReadonlySet<EventName> = new Set<EventName>([
  'redis.away',
  'redis.back',
  'postgres.away',
  'postgres.back',
  'queue.delivery_failed',
]);

export function operatorLog(environment: Environment, stream: NodeJS.WritableStream): Logger {
  const { logLevel, logFormat } = environment;
  const level = logLevel === 'info' ? 'warn' : logLevel;
  const log = createLogger({ level, format: logFormat, stream, secrets: secretsOf(environment) });
  return level === 'debug' ? log : withoutEchoes(log);
}

function withoutEchoes(log: Logger): Logger {
  return {
    ...log,
    event: (name, fields) => {
      if (!TOLD_BY_THE_ANSWER.has(name)) log.event(name, fields);
    },
    child: (fields) => withoutEchoes(log.child(fields)),
  };
}
