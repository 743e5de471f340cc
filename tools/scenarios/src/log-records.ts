/** The log of a program, as a machine reads it: JSON, a record a line. */

export interface LogRecord {
  readonly level: string;
  readonly message: string;
  readonly timestamp: string;
  readonly job_id?: string;
  readonly worker?: string;
  readonly attempt?: number;
  readonly [field: string]: unknown;
}

/** All records of a stream, `error: ` lines left out. @throws where any other line is no record */
export function logRecords(stderr: string): LogRecord[] {
  const lines = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('error: '));
  return lines.map((line) => JSON.parse(line) as LogRecord); // its shape is what the tests look at
}

export function errorLines(stderr: string): string[] {
  return stderr.split('\n').filter((line) => line.startsWith('error: '));
}
