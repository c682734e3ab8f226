import type { Command } from './command.ts';
import { checkWebhook } from './exam/check-webhook.ts';
import { trigger } from './trigger.ts';

/** In the order in which they are listed. */
export const COMMANDS: readonly Command[] = [checkWebhook, trigger];
