// Who asks, for the history: the account on this machine. Inside a container an account may have no name; its number is
// told then. It identifies nobody by proof: whoever reaches the database may write what he likes.
import { userInfo } from 'node:os';

export function asker(): string {
  try {
    return `monitor-cli:${userInfo().username}`;
  } catch {
    return `monitor-cli:uid ${String(process.getuid?.() ?? 'unknown')}`; // no such entry in the machine's list of accounts
  }
}
