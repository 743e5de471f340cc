/**
 * The one way to log: leveled records on a stream (stderr), each one line of text or JSON with level, message, timestamp
 * and fields. Secrets are struck out of all of it. Logging never throws and never ends the process, whatever the fields
 * hold and also where the stream was closed; records written to a closed stream are lost.
 */
import winston from 'winston';
import { systemClock, type Clock } from '../time/clock.ts';
import { events, type EventName } from './events.ts';
import { plainFields, plainText, type Plainly } from './plain-value.ts';
import { jsonLine, textLine, type LogRecord } from './record-line.ts';
import { createStriker } from './strike-secrets.ts';

export interface LogFields {
  readonly job_id?: string | undefined;
  readonly worker?: string | undefined;
  readonly attempt?: number | undefined;
  /** Any further field, its name in snake_case, its unit last. */
  readonly [key: string]: unknown;
}

export interface Logger {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  /** Something of the list in events.ts happened; the list knows its level and words. */
  event(name: EventName, fields?: LogFields): void;
  /** The same log, with these fields in every record. */
  child(fields: LogFields): Logger;
}

type Level = 'error' | 'warn' | 'info' | 'debug';

export interface LoggerOptions {
  readonly level: Level;
  /** Undefined: text where the stream is a terminal, else JSON. */
  readonly format: 'text' | 'json' | undefined;
  readonly stream?: NodeJS.WritableStream;
  readonly secrets?: readonly string[];
  readonly clock?: Clock;
}

const LEVELS: Readonly<Record<Level, number>> = { error: 0, warn: 1, info: 2, debug: 3 };

export function createLogger(options: LoggerOptions): Logger {
  const { level, stream = process.stderr, clock = systemClock } = options;
  const plainly: Plainly = { strike: createStriker(options.secrets), debug: level === 'debug' };
  const sink = winston.createLogger({
    level,
    levels: { ...LEVELS },
    format: winston.format.printf(lineFormat(options.format, stream)),
    transports: [new winston.transports.Stream({ stream: outliving(stream), eol: '\n' })],
  });
  return loggerOver((at, message, fields) => {
    if (LEVELS[at] > LEVELS[level]) return;
    const timestamp = clock.now().toISOString();
    sink.log({ ...plainFields(fields, plainly), level: at, message: plainText(message, plainly), timestamp });
  }, {});
}

/** Says nothing: for parts that are given no log. */
export const silentLogger: Logger = loggerOver(() => undefined, {});

type Write = (level: Level, message: string, fields: LogFields) => void;

function loggerOver(write: Write, always: LogFields): Logger {
  const at = (level: Level) => (message: string, fields?: LogFields) => write(level, message, { ...always, ...fields });
  return {
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
    event: (name, fields) => write(events[name].level, events[name].message, { event: name, ...always, ...fields }),
    child: (fields) => loggerOver(write, { ...always, ...fields }),
  };
}

function lineFormat(format: LoggerOptions['format'], stream: NodeJS.WritableStream): (info: object) => string {
  const onTerminal = 'isTTY' in stream && stream.isTTY === true;
  const coloured = onTerminal && !process.env['NO_COLOR'];
  const text = format === undefined ? onTerminal : format === 'text';
  // winston types its records as open objects; ours are made above, with these three keys.
  return (info) => (text ? textLine(info as LogRecord, coloured) : jsonLine(info as LogRecord));
}

const guarded = new WeakSet<NodeJS.WritableStream>();

/** A stream whose reader went reports it as an event, which without a listener would end the process. */
function outliving(stream: NodeJS.WritableStream): NodeJS.WritableStream {
  // There is no place left to tell of it: this was the place.
  if (!guarded.has(stream)) stream.on('error', () => undefined);
  guarded.add(stream);
  return stream;
}
