// Three stages; VERSION_OF_SECOND raises the version of the second, and the gate `mended` lets the third pass.
import { isOpen, note } from './ledger.mjs';

const stage = (name, version, run) => ({
  name,
  version,
  run: (context) => {
    note(name, context);
    return run(context);
  },
});

export default [
  stage('first', 1, () => 'one'),
  stage(
    'second',
    Number(process.env.VERSION_OF_SECOND ?? 1),
    () => `two in version ${process.env.VERSION_OF_SECOND ?? 1}`,
  ),
  stage('third', 1, ({ outputs }) => {
    if (!isOpen('mended')) throw new Error('not mended yet');
    return { first: outputs.first, second: outputs.second };
  }),
];
