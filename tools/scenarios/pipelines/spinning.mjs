// One stage that never ends and never listens, for a job named `spin`, but for SPIN_SECONDS; any other is done at once.
export default [
  {
    name: 'turn',
    timeoutSeconds: Number(process.env.SPIN_SECONDS ?? 600),
    run: ({ job }) => {
      while (job.title === 'spin');
      return null;
    },
  },
];
