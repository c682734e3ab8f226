import type { Command } from './command.ts';
import { eventsResend } from './events-resend.ts';
import { eventsTail } from './events-tail.ts';
import { checkWebhook } from './exam/check-webhook.ts';
import { listen } from './listen.ts';
import { sandboxClock } from './sandbox-clock.ts';
import { sandboxProjects } from './sandbox-projects.ts';
import { sandboxSeed } from './sandbox-seed.ts';
import { sandboxTrouble } from './sandbox-trouble.ts';
import { sandboxReset, sandboxRestore, sandboxSnapshot, sandboxSnapshots } from './sandbox-world.ts';
import { trigger } from './trigger.ts';

/** In the order in which they are listed. */
export const COMMANDS: readonly Command[] = [
  listen,
  checkWebhook,
  trigger,
  eventsTail,
  eventsResend,
  sandboxClock,
  sandboxTrouble,
  sandboxSeed,
  sandboxProjects,
  sandboxReset,
  sandboxSnapshot,
  sandboxRestore,
  sandboxSnapshots,
];
