/** Law 8. Exact: Redis' lists hold ids only, no key of it, no log and no worker's metrics holds a word of a posting, and every key that stays is known. */
import type { Evidence } from '../evidence.ts';
import { broken, type Violation } from '../violation.ts';

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const KNOWN = /^(bq:job_processing_queue:(waiting|active|jobs)|jobhive:(whole|finished|workers)|failed_jobs)$/;

export function idsOnly({ redis, leakyLogs, leakyMetrics }: Evidence): Violation[] {
  const listed = [...redis.waiting, ...redis.active, ...redis.entries, ...redis.deadLetters.keys()];
  return [
    ...listed.filter((id) => !ID.test(id)).map((id) => broken(8, `Redis holds ${id}, which is no id`)),
    ...redis.leaky.map((key) => broken(8, `the key ${key} holds words of a posting`)),
    ...leakyLogs.map((name) => broken(8, `the log ${name} holds words of a posting`)),
    ...leakyMetrics.map((name) => broken(8, `the metrics of ${name} hold words of a posting`)),
    ...redis.lasting
      .filter((key) => !KNOWN.test(key))
      .map((key) => broken(8, `the key ${key} has no expiry and is not known`)),
  ];
}
