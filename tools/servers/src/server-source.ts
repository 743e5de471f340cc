/**
 * Where a private server may come from. `any` follows the order of preference: installed, packaged, container. The tests
 * can be told to use containers alone (`npm run test:containers`), or the packaged Postgres alone.
 */
export type ServerSource = 'any' | 'package' | 'containers';

export function demandedSource(): ServerSource {
  const demanded = process.env['JOBHIVE_TEST_SERVERS'] || 'any';
  if (demanded === 'any' || demanded === 'package' || demanded === 'containers') return demanded;
  throw new Error(`JOBHIVE_TEST_SERVERS is ${demanded}: it may be any, package or containers`);
}
