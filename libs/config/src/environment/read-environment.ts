/**
 * The environment of a process, read once and typed from there on. An empty value is an unset one. Every variable is
 * checked, also those this program does not need, and all wrong values are told at once, in one ConfigurationError: the
 * variable, its value (never a secret's) and what is allowed. Reads no file, makes no folder, dials nothing.
 */
import { ConfigurationError } from '../life/errors.ts';
import { strikeCredentials } from '../log/strike-secrets.ts';
import type { RedisTarget } from './redis-target.ts';
import { variables, type Variable } from './variables.ts';

type Table = typeof variables;
/** The value of a variable; undefined where it is unset and has no default. */
type ValueOf<V> = V extends Variable<infer T, infer D> ? (undefined extends D ? T | undefined : T) : never;
type Values = { -readonly [K in keyof Table]: ValueOf<Table[K]> };

export type LogLevel = Values['logLevel'];
export type LogFormat = NonNullable<Values['logFormat']>;

type Llm = { readonly baseUrl: string; readonly model: string; readonly apiKey: string };
type Combined = 'redisUrl' | 'redisHost' | 'redisPort' | 'redisDb' | 'redisUsername' | 'redisPassword' | 'database';

export interface Environment extends Readonly<Omit<Values, Combined | 'llmBaseUrl' | 'llmModel' | 'llmApiKey'>> {
  readonly redis: RedisTarget;
  /** Without the parameter `pgbouncer`. */
  readonly databaseUrl: string;
  /** Whether a pooler in transaction mode stands before Postgres. */
  readonly pgbouncer: boolean;
  readonly llm: Llm | undefined;
}

/** Throws a ConfigurationError with every problem. */
export function readEnvironment(source: NodeJS.ProcessEnv = process.env): Environment {
  const problems: string[] = [];
  const values = readValues(source, problems);
  problems.push(...partlySet(source, [variables.llmBaseUrl, variables.llmModel, variables.llmApiKey]));
  if (problems.length > 0) throw new ConfigurationError(problems);
  return combine(values);
}

function readValues(source: NodeJS.ProcessEnv, problems: string[]): Values {
  const read = Object.entries(variables).map(([key, variable]: [string, Variable<unknown>]) => {
    const text = source[variable.name] || variable.default;
    if (text === undefined) return [key, undefined] as const;
    const { success, data } = variable.schema.safeParse(text);
    if (!success) problems.push(wrongValue(variable, text));
    return [key, data] as const;
  });
  // Every entry was parsed by the schema of its key; where one failed, a problem stands and nobody sees the values.
  return Object.fromEntries(read) as Values;
}

const VALUE_SHOWN_MAX = 100;

function wrongValue({ name, secret, allowed }: Variable<unknown>, text: string): string {
  if (secret) return `${name} has a wrong value (not shown): ${allowed} is allowed`;
  const shown = text.length > VALUE_SHOWN_MAX ? `${text.slice(0, VALUE_SHOWN_MAX)}…` : text;
  return `${name} is ${JSON.stringify(strikeCredentials(shown))}: ${allowed} is allowed`;
}

/** A problem for each that is missing of those that are set all or none. */
function partlySet(source: NodeJS.ProcessEnv, together: readonly Variable<unknown>[]): readonly string[] {
  const missing = together.filter(({ name }) => !source[name]);
  if (missing.length === together.length) return [];
  const names = together.map(({ name }) => name).join(', ');
  return missing.map(({ name }) => `${name} is not set: all of ${names}, or none, is allowed`);
}

function combine(values: Values): Environment {
  const { redisUrl, redisHost, redisPort, redisDb, redisUsername, redisPassword, database, ...rest } = values;
  const { llmBaseUrl, llmModel, llmApiKey, ...alone } = rest;
  return {
    ...alone,
    redis: redisUrl ?? {
      kind: 'single',
      host: redisHost,
      port: redisPort,
      db: redisDb,
      username: redisUsername,
      password: redisPassword,
      tls: false,
    },
    databaseUrl: database.url,
    pgbouncer: database.pgbouncer,
    llm: llmBaseUrl && llmModel && llmApiKey ? { baseUrl: llmBaseUrl, model: llmModel, apiKey: llmApiKey } : undefined,
  };
}
