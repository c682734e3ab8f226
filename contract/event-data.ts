import Type, { type Static } from 'typebox';
import { customerFields, ENDORSEMENT_NAMES, Endorsement } from './customers.ts';
import { Amount, NullableTimestamp, OneOf, PROPOSAL, Timestamp } from './fields.ts';
import { Webhook } from './webhooks.ts';

export const EndorsementEventData = Type.Object(
  {
    ...customerFields,
    endorsements: Type.Array(OneOf(ENDORSEMENT_NAMES), { description: 'Names of the active ones.' }),
    endorsementDetails: Type.Array(Endorsement, { ...PROPOSAL }),
  },
  { title: 'EndorsementEventData', description: 'The customer, its endorsements as plain names.' },
);
export type EndorsementEventData = Static<typeof EndorsementEventData>;

export const WalletDeposit = Type.Object(
  {
    id: Type.String({ examples: ['dep_01H9Xd…'] }),
    object: Type.Literal('walletDeposit'),
    walletId: Type.String(),
    customerId: Type.String(),
    asset: Type.String(),
    chain: Type.String(),
    amount: Amount(),
    address: Type.String({ description: 'Address of the wallet.' }),
    fromAddress: Type.String(),
    txHash: Type.String(),
    logIndex: Type.Integer(),
    blockNumber: Type.String({ description: 'Decimal string.' }),
    status: OneOf(['detected', 'credited']),
    detectedAt: Timestamp(),
    creditedAt: NullableTimestamp(),
  },
  { title: 'WalletDeposit', description: 'A transfer of the asset to the address of a wallet.', ...PROPOSAL },
);
export type WalletDeposit = Static<typeof WalletDeposit>;

export const WebhookTest = Type.Object(
  { ...Webhook.properties, message: Type.String({ description: 'For people.' }) },
  { title: 'WebhookTest', description: 'The webhook that was asked for a test.', ...PROPOSAL },
);
export type WebhookTest = Static<typeof WebhookTest>;
