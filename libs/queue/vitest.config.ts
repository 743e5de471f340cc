import { project } from '../../vitest.base.ts';

export default project('queue', 90);
