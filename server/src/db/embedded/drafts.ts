import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * What takes several steps to make is made in a draft directory and renamed when complete. The name tells whose
 * it is: `draft-<pid>-<start of that process, in ms>-<random>`.
 */
export const DRAFT_PREFIX = 'draft-';
/** In a draft, the initdb that fills it. */
export const DRAFT_PID_FILE = 'initdb.pid';

export const draftNameStart = (): string =>
  `${DRAFT_PREFIX}${process.pid}-${Math.round(performance.timeOrigin)}-`;

export const makeDraft = (dir: string): Promise<string> => mkdtemp(join(dir, draftNameStart()));
