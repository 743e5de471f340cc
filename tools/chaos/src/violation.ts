/** A law that is broken: which, of which job, when, and what was seen. */
export interface Violation {
  readonly law: number;
  readonly text: string;
  readonly jobId: string | undefined;
  readonly atMs: number | undefined;
}

export function broken(law: number, text: string, jobId?: string, atMs?: number): Violation {
  return { law, text, jobId, atMs };
}

export function violationLine({ law, text, jobId, atMs }: Violation): string {
  const when = atMs === undefined ? '' : ` at ${new Date(atMs).toISOString()}`;
  return `law ${String(law)}: ${jobId === undefined ? '' : `job ${jobId}: `}${text}${when}`;
}
