import { chmodSync, rmSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { reachableFolder } from '../src/reachable-folder.ts';

describe('reachableFolder', () => {
  it('can be passed by all, and refuses a folder that others may write to', async () => {
    const folder = await reachableFolder(`test ${process.pid}`);
    expect(statSync(folder).mode & 0o777).toBe(0o711);
    chmodSync(folder, 0o777);
    await expect(reachableFolder(`test ${process.pid}`)).rejects.toThrow('others may write to it');
    rmSync(folder, { recursive: true });
  });
});
