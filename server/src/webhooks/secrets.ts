import type { SealedPlace } from '../sealing/sealers.ts';

export const secretPlace = (webhookId: string): SealedPlace => ({
  table: 'webhooks',
  column: 'secret_sealed',
  row: webhookId,
});

/** The secret before the last rotation. */
export const previousSecretPlace = (webhookId: string): SealedPlace => ({
  table: 'webhooks',
  column: 'previous_secret_sealed',
  row: webhookId,
});
