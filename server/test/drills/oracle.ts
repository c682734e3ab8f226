import { POLYGON_RELAYER } from '../../src/chain/relayer/fees.ts';
import { authorizationNonce } from '../../src/chain/token/authorization.ts';
import { USDC_POLYGON } from '../../src/chain/token/contracts.ts';
import { TOPICS } from '../../src/chain/token/logs.ts';
import { must } from '../../src/kernel/assert.ts';
import type { Drill, Planned, Round } from './drill.ts';

const MAX_AUTHORIZATIONS = 10;
/** After the last send of a round, batches need the finality that sends have already. */
const CLOSING_STEPS = 12;

interface SendRow {
  readonly send_id: string;
  readonly status: string;
  readonly attempt: number;
  readonly failure_code: string | null;
  readonly is_dead: boolean;
  readonly told: string[];
}

/**
 * What must hold after any failure, in sentences; none when all is well. Every send is paid exactly once or failed
 * with its code and finalized-dead, told once; balances on chain are what the database says; nothing is jammed.
 */
export async function findings(round: Round, drill: Drill): Promise<string[]> {
  const found = [...(await sendFindings(round, drill)), ...(await balanceFindings(round))];
  const before = round.sends.length;
  await round.pay(1);
  if (!(await round.settle())) found.push('a further ordinary send is not paid');
  found.push(...(await sendFindings(round, { ...drill, expect: 'paid' }, before)));
  for (let i = 0; i < CLOSING_STEPS; i++) await round.step();
  return [
    ...found,
    ...(await balanceFindings(round)),
    ...(await jamFindings(round)),
    ...(await feeFindings(round)),
  ];
}

async function sendFindings(round: Round, drill: Drill, from = 0): Promise<string[]> {
  const sends = round.sends.slice(from);
  const rows = await round.bed.query<SendRow>(
    `select send_id, status, attempt, failure_code, valid_before < extract(epoch from settled_at) as is_dead,
       array(select outcome from drill_outcomes o where o.send_id = s.send_id) as told
     from sends s where send_id = any($1)`,
    [sends.map(({ sendId }) => sendId)],
  );
  const used = await usedAuthorizations(round, sends);
  return sends.flatMap((send) => {
    const row = must(
      rows.find(({ send_id }) => send_id === send.sendId),
      'a send is never deleted',
    );
    const times = authorizationsOf(send).filter((nonce) => used.has(nonce)).length;
    const seen = JSON.stringify({ ...row, paidOnChain: times });
    const isPaid = drill.expect.startsWith('paid') || !send.isVictim;
    const isRenewed = drill.expect === 'paid, renewed';
    const isRight = isPaid
      ? row.status === 'paid' && times === 1 && row.told.join() === 'paid' && (row.attempt === 1 || isRenewed)
      : row.status === 'failed' &&
        times === 0 &&
        row.told.join() === 'failed' &&
        row.failure_code === drill.expect &&
        row.is_dead;
    return isRight ? [] : [`expected ${isPaid ? 'paid once' : drill.expect}: ${seen}`];
  });
}

const authorizationsOf = ({ sendId }: Planned): string[] =>
  Array.from({ length: MAX_AUTHORIZATIONS }, (_, i) => authorizationNonce(sendId, i + 1));

async function usedAuthorizations(round: Round, sends: readonly Planned[]): Promise<Set<string | undefined>> {
  const logs = await round.bed.node.call<{ topics: string[] }[]>('eth_getLogs', [
    {
      address: USDC_POLYGON,
      fromBlock: round.startBlock,
      toBlock: 'latest',
      topics: [TOPICS.authorizationUsed, null, sends.flatMap(authorizationsOf)],
    },
  ]);
  return new Set(logs.map(({ topics }) => topics[2]));
}

/** By the rows' own word: what is paid is there, what is not is still with the payer. */
async function balanceFindings(round: Round): Promise<string[]> {
  const rows = await round.bed.query<{ send_id: string }>(
    `select send_id from sends where send_id = any($1) and status = 'paid'`,
    [round.sends.map(({ sendId }) => sendId)],
  );
  const paid = new Set(rows.map(({ send_id }) => send_id));
  const expected = new Map(round.funded);
  for (const { sendId, from, to, amountMinor } of round.sends) {
    const moved = paid.has(sendId) ? amountMinor : 0n;
    expected.set(from, (expected.get(from) ?? 0n) - moved);
    expected.set(to, (expected.get(to) ?? 0n) + moved);
  }
  const found: string[] = [];
  for (const [address, minor] of expected) {
    const held = await round.balance(address);
    if (held !== minor) found.push(`${address} holds ${held}, the database says ${minor}`);
  }
  return found;
}

/** No attempt ever signed offers more than the ceiling. */
async function feeFindings({ bed }: Round): Promise<string[]> {
  const above = await bed.query<{ hash: string; max_fee_per_gas: bigint }>(
    'select hash, max_fee_per_gas from relay_attempts where max_fee_per_gas > $1 or max_priority_fee_per_gas > $1',
    [POLYGON_RELAYER.maxFeeCeiling],
  );
  return above.map(({ hash, max_fee_per_gas }) => `${hash} offers ${max_fee_per_gas}, above the ceiling`);
}

async function jamFindings({ bed }: Round): Promise<string[]> {
  const open = await bed.query<{ batch_id: string; status: string; nonce: bigint }>(
    `select batch_id, status, nonce from relay_batches where status in ('signed', 'broadcast', 'mined')`,
  );
  return open.map(({ batch_id, status, nonce }) => `batch ${batch_id} (nonce ${nonce}) is still ${status}`);
}
