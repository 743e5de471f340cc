// Outputs come back from the record as JSON, perhaps written by another version: stages look before they use them.
import type { NormalPosting } from './normalise.ts';
import type { Summary } from './summarise.ts';

export function isNormalPosting(value: unknown): value is NormalPosting {
  return hasMembers(value, { title: 'string', company: 'string', text: 'string', truncated: 'boolean' });
}

export function isSummary(value: unknown): value is Summary {
  return (
    hasMembers(value, { words: 'number', reading_minutes: 'number' }) &&
    'keywords' in value &&
    Array.isArray(value.keywords)
  );
}

function hasMembers(value: unknown, members: Readonly<Record<string, string>>): value is object {
  if (typeof value !== 'object' || value === null) return false;
  // Reason: any object may be looked at by key.
  const record = value as Readonly<Record<string, unknown>>;
  return Object.entries(members).every(([name, type]) => typeof record[name] === type);
}
