// A job's id as people type it. Pure.

const JOB_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isJobId(text: string): boolean {
  return JOB_ID.test(text);
}

/** Upper case is fine: the record has lower case. */
export function normaliseJobId(text: string): string {
  return text.toLowerCase();
}
