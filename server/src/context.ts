import { ApiKeys } from './auth/api-keys.ts';
import { Tokens } from './auth/tokens.ts';
import { SEND_PURPOSE } from './cash-ins/deps.ts';
import { CashIns } from './cash-ins/service.ts';
import { Addresses } from './chain/addresses.ts';
import { SENDS_CHANNEL, Sends, type SettlementHandlers } from './chain/sends.ts';
import { Customers } from './customers/service.ts';
import type { Database } from './db/database.ts';
import { Waker } from './db/waker.ts';
import { Events } from './events/events.ts';
import { JOBS_CHANNEL, Jobs } from './jobs/jobs.ts';
import { assert } from './kernel/assert.ts';
import type { Clock } from './kernel/clock.ts';
import type { Ids } from './kernel/ids.ts';
import type { KeyEncryption } from './kernel/key-encryption.ts';
import type { Logger } from './kernel/log.ts';
import { Ledger } from './ledger/ledger.ts';
import { Projects } from './projects/service.ts';
import { ProviderEvents } from './providers/provider-events.ts';
import type { Providers } from './providers/registry.ts';
import { SandboxTill } from './providers/sandbox/till.ts';
import { Reconciliation } from './reconciliation/service.ts';
import { Sealers } from './sealing/sealers.ts';
import { Settings } from './settings/service.ts';
import { Transactions } from './transactions/service.ts';
import { Treasuries } from './treasury/service.ts';
import { summarizeWallets, Wallets } from './wallets/service.ts';
import { type EgressPolicy, Webhooks } from './webhooks/service.ts';

export interface ContextOptions {
  readonly db: Database;
  readonly clock: Clock;
  /** Real time, for bearer tokens and webhook signatures. */
  readonly wallClock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly keyEncryption: KeyEncryption;
  readonly providers: Providers;
  readonly egress: EgressPolicy;
}

export type Context = ReturnType<typeof createContext>;

/** Builds every dependency once, from the foundations up. Opens nothing by itself. */
export function createContext(options: ContextOptions) {
  const { db, clock, wallClock, ids, keyEncryption, providers, egress } = options;
  const jobWaker = new Waker(db, JOBS_CHANNEL);
  const chainWaker = new Waker(db, SENDS_CHANNEL);
  const jobs = new Jobs(clock, jobWaker);
  const events = new Events(clock, ids, jobs);
  const ledger = new Ledger(clock, jobs);
  const sealers = new Sealers(db, keyEncryption);
  const sends = new Sends({ clock, ids, waker: chainWaker });
  const addresses = new Addresses({ clock });
  const providerEvents = new ProviderEvents(clock);
  const tokens = new Tokens(wallClock, keyEncryption.derive('bearer-token'));
  const apiKeys = new ApiKeys(keyEncryption.derive('api-secret'));

  const treasuries = new Treasuries({ clock, ledger, addresses, jobs });
  const projects = new Projects({ db, clock, ids, sealers, apiKeys, treasuries });
  const customers = new Customers({
    clock,
    ids,
    events,
    jobs,
    providerEvents,
    identityVerifier: providers.identityVerifier,
    walletSummaries: (tx, customerIds) => summarizeWallets(ledger, tx, customerIds),
  });
  const wallets = new Wallets({ clock, ids, ledger, events, customers, addresses });
  const transactions = new Transactions(clock, events);
  const cashIns = new CashIns({
    clock,
    ids,
    events,
    jobs,
    ledger,
    sends,
    customers,
    wallets,
    transactions,
    treasuries,
    providerEvents,
    cashNetwork: providers.cashNetwork,
  });
  const settings = new Settings({ clock });
  const webhooks = new Webhooks({ clock, ids, jobs, events, egress });
  const reconciliation = new Reconciliation(options);
  const till = new SandboxTill(clock, ids, cashIns);

  return {
    ...options,
    jobWaker,
    chainWaker,
    jobs,
    events,
    ledger,
    sealers,
    sends,
    addresses,
    tokens,
    apiKeys,
    treasuries,
    projects,
    customers,
    wallets,
    transactions,
    cashIns,
    webhooks,
    reconciliation,
    settings,
    till,
    settlement: settlementHandlers(cashIns, wallets, treasuries),
  };
}

/** Hands what the chain settles to the slice that asked for it, or that owns the address. */
function settlementHandlers(cashIns: CashIns, wallets: Wallets, treasuries: Treasuries): SettlementHandlers {
  const ofCashIns = <S extends { readonly purpose: string }>(sends: readonly S[]): readonly S[] => {
    assert(
      sends.every((send) => send.purpose === SEND_PURPOSE),
      'a send of unknown purpose',
    );
    return sends;
  };
  return {
    sendsPaid: (tx, sends) => cashIns.sendsPaid(tx, ofCashIns(sends)),
    sendsFailed: (tx, sends) => cashIns.sendsFailed(tx, ofCashIns(sends)),
    depositsDetected: async (tx, deposits) => {
      const toWallets = deposits.filter(({ purpose }) => purpose === 'wallet');
      if (toWallets.length > 0) await wallets.depositsDetected(tx, toWallets);
    },
    depositsCredited: async (tx, deposits) => {
      const toWallets = deposits.filter(({ purpose }) => purpose === 'wallet');
      const toTreasuries = deposits.filter(({ purpose }) => purpose === 'treasury');
      if (toWallets.length > 0) await wallets.depositsCredited(tx, toWallets);
      if (toTreasuries.length > 0) await treasuries.depositsCredited(tx, toTreasuries);
    },
    // Nothing was credited, and the block that takes its place detects the transfer anew.
    depositsOrphaned: async () => {},
  };
}
