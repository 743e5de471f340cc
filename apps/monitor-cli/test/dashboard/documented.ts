// What the OpenAPI document says of an operation, as a judge of what is sent and of what is answered.
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { Answered } from './bench.ts';

export interface Sent {
  /** By name, as the path bears them. */
  readonly params?: Readonly<Record<string, string>>;
  /** `?a=b`, or nothing. */
  readonly query?: string;
  /** Undefined: none was sent. */
  readonly body?: unknown;
}

type Place = 'path' | 'query';
/** The way to a place in the document. */
type Keys = readonly (string | number)[];

interface Parameter {
  readonly name: string;
  readonly in: Place;
  readonly description?: string;
  readonly required: boolean;
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean };
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

export interface Judge {
  /** What is wrong with what was sent; empty where the document lets it in. */
  sent(method: string, path: string, sent: Sent): string[];
  /** What is wrong with an answer. */
  answered(method: string, path: string, answer: Answered): string[];
}

const pointer = (keys: Keys): string =>
  keys.map((key) => String(key).replaceAll('~', '~0').replaceAll('/', '~1')).join('/');

/** An empty one is none; one that was given more than once is all of its values. */
function queryValues(query: string): Map<string, unknown> {
  const given = new URLSearchParams(query);
  const values = new Map<string, unknown>();
  for (const name of given.keys()) {
    const all = given.getAll(name).filter((value) => value !== '');
    if (all.length > 0) values.set(name, all.length === 1 ? all[0] : all);
  }
  return values;
}

export function createJudge(openapi: OpenApi): Judge {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  ajv.addSchema(openapi, 'openapi');

  /** @param at where the schema lies in the document */
  const against = (at: Keys, value: unknown, what: string): string[] => {
    const validate = ajv.getSchema(`openapi#/${pointer(at)}`);
    if (validate === undefined) return [`${what}: the document says nothing of it`];
    return validate(value) === true ? [] : [`${what}: ${ajv.errorsText(validate.errors)}`];
  };
  const parameters = (at: Keys, all: readonly Parameter[], place: Place, given: Map<string, unknown>): string[] => {
    const unknown = new Map(given);
    const wrong = all.flatMap(({ in: where, name, required }, n) => {
      if (where !== place) return [];
      unknown.delete(name);
      if (!given.has(name)) return required ? [`${place} ${name}: missing`] : [];
      return against([...at, 'parameters', n, 'schema'], given.get(name), `${place} ${name}`);
    });
    return [...wrong, ...[...unknown.keys()].map((name) => `${place} ${name}: not in the document`)];
  };
  const requestBody = (at: Keys, required: boolean, body: unknown): string[] => {
    if (body === undefined) return required ? ['body: missing'] : [];
    return against([...at, 'requestBody', 'content', 'application/json', 'schema'], body, 'body');
  };

  return {
    sent: (method, path, { params = {}, query = '', body }) => {
      const at = ['paths', path, method.toLowerCase()];
      const operation = openapi.paths[path]?.[method.toLowerCase()];
      const all = operation?.parameters ?? [];
      return [
        ...parameters(at, all, 'path', new Map(Object.entries(params))),
        ...parameters(at, all, 'query', queryValues(query)),
        ...requestBody(at, operation?.requestBody?.required ?? false, body),
      ];
    },
    answered: (method, path, { status, headers, json }) => {
      const type = String(headers['content-type']).split(';')[0] ?? '';
      const at = ['paths', path, method.toLowerCase(), 'responses', status, 'content', type, 'schema'];
      return against(at, json, `${String(status)} ${type}`);
    },
  };
}
