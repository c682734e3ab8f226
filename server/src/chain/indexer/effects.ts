import type { Database } from '../../db/database.ts';
import { assert } from '../../kernel/assert.ts';
import type { NetworkName } from '../networks.ts';
import type { TokenLog } from '../token/logs.ts';
import { findOwnAuthorizations, findWatched, type OwnAuthorization, type Watched } from './store.ts';

/** A transfer to a watched address whose arrival no send of ours has booked. */
export interface IncomingTransfer extends Watched {
  readonly txHash: string;
  readonly logIndex: number;
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly from: string;
  readonly to: string;
  readonly amountMinor: bigint;
}

/** A send of ours that the token contract has executed; the position is that of its transfer. */
export interface ExecutedSend {
  readonly projectId: string;
  readonly sendId: string;
  readonly txHash: string;
  readonly logIndex: number;
  readonly blockNumber: number;
}

export interface Effects {
  readonly incoming: readonly IncomingTransfer[];
  readonly executed: readonly ExecutedSend[];
}

type TransferLog = Extract<TokenLog, { kind: 'transfer' }>;
type AuthorizationLog = Exclude<TokenLog, TransferLog>;

/** What the logs mean for us. Reads only. */
export async function effectsOf(
  db: Database,
  network: NetworkName,
  logs: readonly TokenLog[],
): Promise<Effects> {
  const transfers = logs.filter((log): log is TransferLog => log.kind === 'transfer');
  const authorizations = logs.filter((log): log is AuthorizationLog => log.kind === 'authorizationUsed');
  const own = await findOwnAuthorizations(
    db,
    network,
    authorizations.map(({ nonce }) => nonce),
  );
  const byPosition = new Map(transfers.map((log) => [positionOf(log.txHash, log.logIndex), log]));
  const bookedPositions = new Set<string>();
  const executed: ExecutedSend[] = [];
  for (const log of authorizations) {
    const send = own.get(log.nonce);
    // Nonces are scoped by authorizer (EIP-3009): anyone may use the same one from an account of theirs.
    if (!send || send.fromAddress !== log.authorizer) continue;
    // FiatToken marks the authorization as used and then transfers, with no log in between.
    const position = positionOf(log.txHash, log.logIndex + 1);
    checkTransfer(send, byPosition.get(position));
    if (send.booksRecipient) bookedPositions.add(position);
    executed.push({
      projectId: send.projectId,
      sendId: send.sendId,
      txHash: log.txHash,
      logIndex: log.logIndex + 1,
      blockNumber: log.blockNumber,
    });
  }
  const candidates = transfers.filter(
    (log) => log.value > 0n && !bookedPositions.has(positionOf(log.txHash, log.logIndex)),
  );
  return { executed, incoming: await incomingOf(db, network, candidates) };
}

async function incomingOf(
  db: Database,
  network: NetworkName,
  transfers: readonly TransferLog[],
): Promise<IncomingTransfer[]> {
  const watched = await findWatched(
    db,
    network,
    transfers.map(({ to }) => to),
  );
  return transfers.flatMap((log) => {
    const owner = watched.get(log.to);
    if (!owner) return [];
    return {
      ...owner,
      txHash: log.txHash,
      logIndex: log.logIndex,
      blockNumber: log.blockNumber,
      blockHash: log.blockHash,
      from: log.from,
      to: log.to,
      amountMinor: log.value,
    };
  });
}

/** What the authorization was signed for is what the contract transfers; anything else is not the contract we know. */
function checkTransfer(send: OwnAuthorization, log: TransferLog | undefined): void {
  assert(
    log && log.from === send.fromAddress && log.to === send.toAddress && log.value === send.amountMinor,
    `the authorization of ${send.sendId} is not followed by its transfer`,
  );
}

const positionOf = (txHash: string, logIndex: number): string => `${txHash}:${logIndex}`;
