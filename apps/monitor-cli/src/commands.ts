// The commands, in the order of the help.
import type { Command } from './command.ts';
import { cancelCommand } from './commands/cancel.ts';
import { clearCommand } from './commands/clear.ts';
import { dashboardCommand } from './commands/dashboard.ts';
import { completionCommand } from './commands/completion.ts';
import { discardCommand } from './commands/discard.ts';
import { doctorCommand } from './commands/doctor.ts';
import { enqueueCommand } from './commands/enqueue.ts';
import { failedCommand } from './commands/failed.ts';
import { jobsCommand } from './commands/jobs.ts';
import { migrateCommand } from './commands/migrate.ts';
import { pauseCommand, resumeCommand } from './commands/pause.ts';
import { rebuildCommand } from './commands/rebuild.ts';
import { retryCommand } from './commands/retry.ts';
import { statusCommand } from './commands/status.ts';
import { topCommand } from './commands/top.ts';
import { whyCommand } from './commands/why.ts';
import { workersCommand } from './commands/workers.ts';

export const COMMANDS: readonly Command[] = [
  statusCommand,
  topCommand,
  workersCommand,
  jobsCommand,
  whyCommand,
  enqueueCommand,
  cancelCommand,
  failedCommand,
  retryCommand,
  discardCommand,
  clearCommand,
  pauseCommand,
  resumeCommand,
  rebuildCommand,
  migrateCommand,
  doctorCommand,
  dashboardCommand,
  completionCommand,
];
