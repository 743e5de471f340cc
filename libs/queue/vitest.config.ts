import { mergeConfig } from 'vitest/config';
import { project } from '../../vitest.base.ts';

// Every file has stores of its own and leaves no state in its process: the modules are loaded once a fork, not once a file.
export default mergeConfig(project('queue', 90), { test: { isolate: false } });
