// What was written behind a command, by name, as the text it is. An option that takes one value and was given twice is
// wrong usage, not the last one's luck. What a text means is for the other files of this folder.
import { UsageError } from '@jobhive/config';

export class Arguments {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    if (Array.isArray(value)) throw new UsageError(`--${name} was given ${String(value.length)} times; give it once`);
    return typeof value === 'string' ? value : undefined;
  }

  flag(name: string): boolean {
    const value = this.#values[name];
    return Array.isArray(value) ? value.includes(true) : value === true;
  }

  list(name: string): readonly string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value.map(String) : [];
  }
}
