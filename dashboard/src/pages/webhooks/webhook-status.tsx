import type { Webhook } from '@openoms/contract/webhooks.ts';
import { Status } from '../../components/status.tsx';

/** Why it is off is part of it: “Failing” is another thing than “Off”. */
export function WebhookStatus({ webhook }: { readonly webhook: Webhook }) {
  if (webhook.enabled) return <Status status="active" />;
  if (webhook.disabledReason === 'gone') return <Status status="gone" tone="failed" />;
  if (webhook.disabledReason === 'failing') return <Status status="failing" tone="failed" />;
  return <Status status="off" tone="idle" />;
}
