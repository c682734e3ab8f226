/** A delivery is done or given up until somebody asks for it again. */
export const DELIVERY_TRANSITIONS = {
  pending: ['delivered', 'failed'],
  delivered: ['pending'],
  failed: ['pending'],
} as const;

export type DeliveryStatus = keyof typeof DELIVERY_TRANSITIONS;
