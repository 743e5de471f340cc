import { describe, expect, it } from 'vitest';
import { isJobId, normaliseJobId } from '../src/job-id.ts';

describe('a job id', () => {
  it.each(['1c9f2f6e-1f0b-4c7e-8a53-000000000001', '1C9F2F6E-1F0B-4C7E-8A53-00000000000A'])('%s is one', (text) => {
    expect(isJobId(text)).toBe(true);
    expect(normaliseJobId(text)).toBe(text.toLowerCase());
  });

  it.each([
    '',
    'abc',
    '1c9f2f6e1f0b4c7e8a53000000000001',
    '1c9f2f6e-1f0b-4c7e-8a53-00000000000g',
    ' 1c9f2f6e-1f0b-4c7e-8a53-000000000001',
  ])('%j is none', (text) => {
    expect(isJobId(text)).toBe(false);
  });
});
