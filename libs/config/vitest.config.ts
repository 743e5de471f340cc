import { project } from '../../vitest.base.ts';

export default project('config', 90);
