// Things that arrive one by one, in groups that one statement can carry: bounded in number and in size. A group is
// handed on as soon as it is full, so that memory holds one; the last may be smaller; none is empty. What arrived
// before a failure is handed on before the failure.
export interface BatchBounds {
  readonly countMax: number;
  /** Reached by the last of a group at the latest; a single thing may be larger. */
  readonly sizeMax: number;
}

export async function* inBatches<T extends { readonly size: number }>(
  things: AsyncIterable<T>,
  bounds: BatchBounds,
): AsyncGenerator<readonly T[]> {
  let batch: T[] = [];
  let size = 0;
  let failure: { readonly error: unknown } | undefined;
  try {
    for await (const thing of things) {
      batch.push(thing);
      size += thing.size;
      if (batch.length < bounds.countMax && size < bounds.sizeMax) continue;
      yield batch;
      batch = [];
      size = 0;
    }
  } catch (error) {
    failure = { error };
  }
  if (batch.length > 0) yield batch;
  if (failure !== undefined) throw failure.error;
}
