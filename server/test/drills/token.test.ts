import { MINUTE_MS } from '../../src/kernel/clock.ts';
import type { Drill, Round } from './drill.ts';
import { CUT, isSubmission } from './node-proxy.ts';
import { runDrills } from './run.ts';

/** Selectors of FiatToken: blacklist(address), unBlacklist(address), pause(), unpause(). */
const BLACKLIST = '0xf9f92be4';
const UNBLACKLIST = '0x1a895266';
const PAUSE = '0x8456cb59';
const UNPAUSE = '0x3f4ba83a';

const victims = ({ sends }: Round) => sends.filter(({ isVictim }) => isVictim);

const DRILLS: readonly Drill[] = [
  {
    name: 'blacklisted recipient',
    cause: 'the token blacklists a recipient before or after the send is relayed, among ordinary sends',
    inject: async (round) => {
      await round.pay();
      const { to } = await round.victim();
      await round.pay();
      if (round.below(2) === 0) await round.tick();
      await round.bed.node.call('anvil_dropAllTransactions');
      await round.callToken(BLACKLIST, to);
    },
    heal: async (round) => {
      for (const { to } of victims(round)) await round.callToken(UNBLACKLIST, to);
    },
    expect: 'recipient_blacklisted',
    isQuick: true,
  },
  {
    name: 'blacklisted sender',
    cause: 'the token blacklists one of the paying wallets',
    inject: async (round) => {
      await round.pay();
      const from = await round.wallet(50n);
      await round.victim({ from });
      await round.victim({ from });
      await round.callToken(BLACKLIST, from.address);
    },
    heal: async (round) => {
      const [victim] = victims(round);
      if (victim) await round.callToken(UNBLACKLIST, victim.from);
    },
    expect: 'sender_blacklisted',
    isQuick: false,
  },
  {
    name: 'insufficient funds',
    cause: 'a wallet holds less on chain than the send says',
    inject: async (round) => {
      await round.pay();
      const from = await round.wallet(5n);
      await round.victim({ from, amountMinor: BigInt(6 + round.below(100)) });
      await round.send({ from, amountMinor: 4n });
      await round.pay();
    },
    expect: 'insufficient_onchain_balance',
    isQuick: true,
  },
  {
    name: 'token paused',
    cause: 'the token is paused until every authorization is dead',
    inject: async (round) => {
      await round.callToken(PAUSE);
      for (let count = 1 + round.below(7); count > 0; count--) await round.victim();
    },
    heal: (round) => round.callToken(UNPAUSE),
    expect: 'token_paused',
    isQuick: true,
  },
  {
    name: 'token paused for a while',
    cause: 'the token is paused until every send was relayed in vain as often as we try, and then goes on',
    inject: async (round) => {
      await round.callToken(PAUSE);
      await round.pay();
      for (let i = 0; i < 30; i++) await round.step();
      await round.callToken(UNPAUSE);
    },
    expect: 'paid, renewed',
    isQuick: true,
  },
  {
    name: 'expired authorization',
    cause: 'the transaction reaches the node when its authorizations have ended, or never',
    inject: async (round) => {
      const { bed } = round;
      await round.pay();
      if (round.below(2) === 0)
        bed.proxy.interfere = () => ({ request: (call) => (isSubmission(call) ? CUT : call) });
      for (let i = 0; i < 3; i++) await round.tick();
      bed.proxy.interfere = undefined;
      bed.advance(21 * MINUTE_MS);
      await bed.local.mine(1 + round.below(3));
    },
    expect: 'paid, renewed',
    isQuick: true,
  },
];

runDrills(DRILLS);
