import type { Command } from './command.ts';

/** In the order in which they are listed. */
export const COMMANDS: readonly Command[] = [];
