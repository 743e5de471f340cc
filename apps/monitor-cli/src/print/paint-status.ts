// The colour of a job's status. Pure.
import type { Status } from '@jobhive/db';
import type { Paint } from './style.ts';

export function paintStatus(text: string, status: Status, paint: Paint): string {
  if (status === 'failed') return paint.red(text);
  if (status === 'processed') return paint.green(text);
  return status === 'processing' ? paint.blue(text) : text;
}
