// The documents of the API by name: what is registered here stands in the OpenAPI document once, and is referred to. And the
// few values of which all of them are made.
import * as z from 'zod';

export const documents = z.registry<{ id: string; description?: string }>();

export function named<Schema extends z.ZodType>(id: string, description: string, schema: Schema): Schema {
  documents.add(schema, { id, description });
  return schema;
}

/** Times as ISO 8601 with an offset, to the millisecond or the microsecond. */
export const time = z.iso.datetime({ offset: true });
export const count = z.int().min(0);
/** Any uuid that Postgres takes, whatever its version. */
export const uuid = z.guid().meta({ format: 'uuid' });
