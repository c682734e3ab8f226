import { type Header, toQuantity } from '../blocks.ts';
import { type RpcCall, RpcError } from '../rpc.ts';
import type { SendFailureCode } from '../sends.ts';
import { decodeBool, decodeUint, encodeAuthorizationState, encodeBalanceOf } from '../token/calls.ts';
import { addressWord } from '../token/hex.ts';
import type { RelayerDeps } from './deps.ts';
import { MAX_AUTHORIZATIONS, MAX_RELAYS } from './fees.ts';
import {
  type ExpiredSend,
  type FailingSend,
  failSends,
  listExpired,
  listRefused,
  renew,
} from './sends-store.ts';

const MAX_PER_TICK = 200;

type ExhaustedSend = ExpiredSend & FailingSend;

/** Selectors of FiatToken's paused() and isBlacklisted(address). */
const PAUSED = '0x5c975abb';
const IS_BLACKLISTED = '0xfe575a87';

/**
 * Ends the wait of sends that can no longer be paid: their authorization ended before the given block, which is final
 * and up to which all payments are settled, and the contract says it was not used. One that was relayed in time and
 * reverted as often as we try fails with what stands in its way now; one that did not get through, or whose way is free
 * again, gets a new authorization.
 */
export async function settleDeadSends(deps: RelayerDeps, settled: Header): Promise<void> {
  const expired = await listExpired(deps.db, deps.network.name, settled.time, MAX_PER_TICK);
  if (expired.length === 0) {
    deps.unsettledAlarm.set(false);
    return;
  }
  const dead = await unused(deps, expired, settled);
  const exhausted = await withReasons(
    deps,
    dead.filter(({ relays }) => relays >= MAX_RELAYS),
    settled,
  );
  const isHopeless = ({ failureCode, attempt }: ExhaustedSend): boolean =>
    failureCode !== 'authorization_rejected' || attempt >= MAX_AUTHORIZATIONS;
  const failures = exhausted.filter(isHopeless);
  await renew(deps.db, [
    ...dead.filter(({ relays }) => relays < MAX_RELAYS),
    ...exhausted.filter((send) => !isHopeless(send)),
  ]);
  await failAll(deps, failures);
}

/** Ends sends that nobody signed for and nobody will; true when there were any. */
export async function failRefusedSends(deps: RelayerDeps): Promise<boolean> {
  const refused = await listRefused(deps.db, deps.network.name, MAX_PER_TICK);
  await failAll(deps, refused);
  return refused.length > 0;
}

async function failAll(deps: RelayerDeps, failures: readonly FailingSend[]): Promise<void> {
  const errors: unknown[] = [];
  for (const [projectId, sends] of Map.groupBy(failures, (send) => send.projectId)) {
    // One tenant's bug must not keep the others waiting.
    await failSends(deps.db, deps.handlers, projectId, sends, deps.clock.now()).catch((error) =>
      errors.push(error),
    );
  }
  if (errors.length > 0) throw errors[0];
}

async function unused(
  deps: RelayerDeps,
  expired: readonly ExpiredSend[],
  settled: Header,
): Promise<ExpiredSend[]> {
  const states = await read(
    deps,
    settled,
    expired.map(({ from, authorizationNonce }) => encodeAuthorizationState(from, authorizationNonce)),
  );
  const isUsed = expired.map((_, i) => decodeBool(states[i] ?? '0x'));
  // We sign no cancellations, so the contract has paid these and the indexer has missed it.
  deps.unsettledAlarm.set(isUsed.includes(true), { send: expired[isUsed.indexOf(true)]?.sendId });
  return expired.filter((_, i) => !isUsed[i]);
}

async function withReasons(
  deps: RelayerDeps,
  sends: readonly ExpiredSend[],
  settled: Header,
): Promise<ExhaustedSend[]> {
  const answers = await read(
    deps,
    settled,
    sends.flatMap(({ from, to }) => [
      PAUSED,
      `${IS_BLACKLISTED}${addressWord(to)}`,
      `${IS_BLACKLISTED}${addressWord(from)}`,
      encodeBalanceOf(from),
    ]),
  );
  return sends.map((send, i) => {
    const [paused = '0x', toListed = '0x', fromListed = '0x', balance = '0x'] = answers.slice(
      i * 4,
      i * 4 + 4,
    );
    return { ...send, failureCode: reasonOf(send, { paused, toListed, fromListed, balance }) };
  });
}

function reasonOf(
  send: ExpiredSend,
  answers: { paused: string; toListed: string; fromListed: string; balance: string },
): SendFailureCode {
  if (decodeBool(answers.toListed)) return 'recipient_blacklisted';
  if (decodeBool(answers.fromListed)) return 'sender_blacklisted';
  if (decodeBool(answers.paused)) return 'token_paused';
  if (decodeUint(answers.balance) < send.amountMinor) return 'insufficient_onchain_balance';
  return 'authorization_rejected';
}

/** Calls to the token at the given block. */
async function read(deps: RelayerDeps, at: Header, data: readonly string[]): Promise<string[]> {
  const calls = data.map(
    (callData): RpcCall => ({
      method: 'eth_call',
      params: [{ to: deps.network.tokenAddress, data: callData }, toQuantity(at.number)],
    }),
  );
  return (await deps.rpc.batch<string>(calls)).map((answer) => {
    if (answer instanceof RpcError) throw answer;
    return answer;
  });
}
