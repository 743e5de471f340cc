// The version that `--version` tells: that of the workspace (a test compares the two; a bundle reads no package.json).
export const VERSION = '0.1.0';
