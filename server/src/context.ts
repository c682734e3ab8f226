import { Audit } from './audit/audit.ts';
import { ApiKeyUse } from './auth/api-key-use.ts';
import { ApiKeys } from './auth/api-keys.ts';
import { Passwords } from './auth/passwords.ts';
import { Sessions } from './auth/sessions.ts';
import { SignInAttempts } from './auth/sign-in-attempts.ts';
import { Tokens } from './auth/tokens.ts';
import type { BankRail } from './bank/provider.ts';
import { Bank } from './bank/service.ts';
import { CashIns } from './cash-ins/service.ts';
import type { CashOutNetwork } from './cash-pickups/provider.ts';
import { CashPickups } from './cash-pickups/service.ts';
import { Addresses } from './chain/addresses.ts';
import type { AskFinalBalance } from './chain/final-balance.ts';
import { SENDS_CHANNEL, Sends } from './chain/sends.ts';
import type { IdentityVerifier } from './customers/provider.ts';
import { Customers } from './customers/service.ts';
import type { Database } from './db/database.ts';
import { Waker } from './db/waker.ts';
import { DepositAddresses } from './deposit-addresses/service.ts';
import { EventLog } from './event-log/service.ts';
import { CHANGES_CHANNEL, EVENTS_CHANNEL, Events } from './events/events.ts';
import { ExternalAccounts } from './external-accounts/service.ts';
import { JOBS_CHANNEL, Jobs } from './jobs/jobs.ts';
import { type Clock, MINUTE_MS } from './kernel/clock.ts';
import type { Ids } from './kernel/ids.ts';
import type { KeyEncryption } from './kernel/key-encryption.ts';
import type { Logger } from './kernel/log.ts';
import { Ledger } from './ledger/ledger.ts';
import { LedgerExplorer } from './ledger-explorer/service.ts';
import { type ChainFacts, explorerOf, Networks } from './networks/service.ts';
import { bankHandlers, bankPayoutRail, payoutAccounts, payoutOf, settlementHandlers } from './outcomes.ts';
import { Overviews } from './overview/service.ts';
import { People } from './people/service.ts';
import { Projects } from './projects/service.ts';
import { ProviderEvents } from './providers/provider-events.ts';
import type { Providers } from './providers/registry.ts';
import { decidingAtOnce } from './providers/sandbox/at-once.ts';
import { SandboxBank } from './providers/sandbox/bank.ts';
import { BankDeposits } from './providers/sandbox/bank-deposits.ts';
import { BankHands } from './providers/sandbox/bank-hands.ts';
import { BankStatements } from './providers/sandbox/bank-statements.ts';
import { afterwardsTask, settleTask } from './providers/sandbox/bank-tasks.ts';
import { CashInHands } from './providers/sandbox/cash-in-hands.ts';
import { SandboxCashOut } from './providers/sandbox/cash-out.ts';
import { ChainDeposits, type StrangerTransfers, transferTask } from './providers/sandbox/chain-deposits.ts';
import { SandboxIdentityVerifier } from './providers/sandbox/identity.ts';
import { IdentityHands } from './providers/sandbox/identity-hands.ts';
import { SandboxRails } from './providers/sandbox/rails.ts';
import { Scenarios } from './providers/sandbox/scenarios.ts';
import { SandboxTill } from './providers/sandbox/till.ts';
import { Quotes } from './quotes/service.ts';
import { Rates } from './rates/service.ts';
import { Reconciliation } from './reconciliation/service.ts';
import { RequestRecorder } from './request-log/recorder.ts';
import { RequestLog } from './request-log/service.ts';
import { CLOCKS_CHANNEL, SandboxClocks } from './sandbox-clock/service.ts';
import { SandboxTroubles } from './sandbox-trouble/service.ts';
import { SandboxWorlds, WORLDS_CHANNEL } from './sandbox-world/service.ts';
import { Sealers } from './sealing/sealers.ts';
import { Search } from './search/service.ts';
import { Settings } from './settings/service.ts';
import { Streams } from './stream/service.ts';
import { Timelines } from './timelines/service.ts';
import { Execution } from './transactions/execution.ts';
import { Transactions } from './transactions/service.ts';
import { Treasuries } from './treasury/service.ts';
import { Trouble } from './trouble/trouble.ts';
import { VirtualAccounts } from './virtual-accounts/service.ts';
import { WalletExplorer } from './wallets/explorer.ts';
import { summarizeWallets, Wallets } from './wallets/service.ts';
import { type EgressPolicy, Webhooks } from './webhooks/service.ts';

export interface ContextOptions {
  readonly db: Database;
  /** The server's. What belongs to a project goes by its transaction's. */
  readonly clock: Clock;
  /** Real time, for bearer tokens and webhook signatures. */
  readonly wallClock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly keyEncryption: KeyEncryption;
  readonly providers: Providers;
  readonly egress: EgressPolicy;
  readonly chainFacts: ChainFacts;
  /** Absent in a process that knows no chain. */
  readonly askFinalBalance?: AskFinalBalance;
  /** Exchange rates that were observed longer ago are none. Default: five minutes. */
  readonly ratesMaxAgeMs?: number;
  /** Where browsers have the server, such as `https://oms.example.com`; undefined: where they say, without TLS. */
  readonly publicUrl?: string | undefined;
  /** Whose word counts on where a request comes from. */
  readonly trustedProxies?: readonly string[];
}

const RATES_MAX_AGE_MS = 5 * MINUTE_MS;
const VERSION = '0.1.0';

export type Context = ReturnType<typeof createContext>;

/** Builds every dependency once, from the foundations up. Opens nothing by itself. */
export function createContext(options: ContextOptions) {
  const { db, clock, wallClock, ids, keyEncryption, providers, egress } = options;
  const jobWaker = new Waker(db, JOBS_CHANNEL);
  const chainWaker = new Waker(db, SENDS_CHANNEL);
  const jobs = new Jobs(jobWaker);
  const eventsWaker = new Waker(db, EVENTS_CHANNEL);
  const changesWaker = new Waker(db, CHANGES_CHANNEL);
  const events = new Events(ids, eventsWaker, changesWaker);
  const clocksWaker = new Waker(db, CLOCKS_CHANNEL);
  const trouble = new Trouble({ db, ids, wallClock });
  const worldsWaker = new Waker(db, WORLDS_CHANNEL);
  const audit = new Audit(ids);
  const ledger = new Ledger(jobs);
  const sealers = new Sealers(db, keyEncryption);
  const addresses = new Addresses({ clock });
  const providerEvents = new ProviderEvents();
  const tokens = new Tokens(wallClock, keyEncryption.derive('bearer-token'));
  const apiKeys = new ApiKeys(keyEncryption.derive('api-secret'));

  const sessions = new Sessions({ ids, wallClock });
  const passwords = new Passwords();
  const settings = new Settings({ audit });
  const atOnce = decidingAtOnce({ settings, screening: () => transactions });
  const sends = new Sends({ clock, ids, waker: chainWaker, ...atOnce });
  const rates = new Rates({
    wallClock,
    log: options.log,
    source: providers.rateSource,
    maxAgeMs: options.ratesMaxAgeMs ?? RATES_MAX_AGE_MS,
  });
  const treasuries = new Treasuries({ ledger, addresses, jobs });
  const projects = new Projects({
    db,
    clock,
    ids,
    audit,
    sealers,
    apiKeys,
    treasuries,
    secretKey: keyEncryption.derive('sandbox-api-secret'),
  });
  const people = new People({
    db,
    ids,
    wallClock,
    audit,
    keyEncryption,
    passwords,
    sessions,
    projects,
    attempts: new SignInAttempts({ db, wallClock, key: keyEncryption.derive('sign-in-attempts') }),
    instance: {
      version: VERSION,
      isLocalChain: options.chainFacts.isLocal,
      explorerUrl: explorerOf(options.chainFacts),
    },
  });
  const scenarios = new Scenarios();
  const identityVerifier: IdentityVerifier = new SandboxIdentityVerifier({
    db,
    settings,
    scenarios,
    lastName: async (tx, customerId) => (await customers.get(tx, customerId)).row.last_name,
  });
  const customers: Customers = new Customers({
    ids,
    events,
    jobs,
    providerEvents,
    identityVerifier,
    walletSummaries: (tx, customerIds) => summarizeWallets(ledger, tx, customerIds),
  });
  const wallets = new Wallets({ ids, ledger, events, customers, addresses });
  const externalAccounts = new ExternalAccounts({ ids, events, customers, ...atOnce });
  const bank: Bank = new Bank({
    ids,
    jobs,
    providerEvents,
    accounts: payoutAccounts(externalAccounts),
    handlers: bankHandlers({
      transactions: () => transactions,
      virtualAccounts: () => virtualAccounts,
      externalAccounts,
      sealers,
    }),
  });
  const cashPickups = new CashPickups({
    ids,
    jobs,
    providerEvents,
    locations: providers.cashNetwork,
    transactions: () => transactions,
  });
  const transactions: Transactions = new Transactions({
    ...atOnce,
    ids,
    events,
    ledger,
    sends,
    treasuries,
    providerEvents,
    rails: { bank: bankPayoutRail(bank), cash: cashPickups },
    onRampsDelivered: (tx, rows) => virtualAccounts.onRampsDelivered(tx, rows),
    onRampsFailed: (tx, rows) => virtualAccounts.onRampsFailed(tx, rows),
    depositPaymentsChanged: (tx, rows) => depositAddresses.paymentsChanged(tx, rows),
  });
  const quotes = new Quotes({
    ...atOnce,
    ids,
    customers,
    wallets,
    externalAccounts,
    cashNetwork: providers.cashNetwork,
    settings,
    rates,
  });
  const depositAddresses: DepositAddresses = new DepositAddresses({
    ...atOnce,
    ids,
    events,
    jobs,
    ledger,
    addresses,
    customers,
    wallets,
    externalAccounts,
    settings,
    rates,
    transactions,
  });
  const execution = new Execution(quotes, transactions);
  const cashIns = new CashIns({
    ...atOnce,
    ids,
    events,
    jobs,
    ledger,
    sends,
    customers,
    wallets,
    externalAccounts,
    transactions,
    treasuries,
    providerEvents,
    settings,
    cashNetwork: providers.cashNetwork,
  });
  const networks = new Networks(options.chainFacts);
  const webhooks = new Webhooks({ wallClock, ids, events, audit, egress });
  const reconciliation = new Reconciliation(options);
  const rails = new SandboxRails({
    trouble,
    jobs,
    sealers,
    doors: {
      bank: (tx, events) => bank.applyEvents(tx, events),
      pickup: (tx, events) => cashPickups.applyPickupEvents(tx, events),
      deposit: (tx, deposits) => cashIns.applyCashDeposits(tx, deposits),
    },
  });
  const till = new SandboxTill({ ids, cashIns, rails });
  const sandboxCashOut = new SandboxCashOut({
    db,
    cashPickups,
    rails,
    settings,
    scenarios,
    locations: providers.cashNetwork,
  });
  const cashOutNetwork: CashOutNetwork = sandboxCashOut;
  const sandboxBank = new SandboxBank({ db, jobs, bank, rails, settings, scenarios });
  const bankRail: BankRail = sandboxBank;
  const virtualAccounts = new VirtualAccounts({
    ...atOnce,
    ids,
    events,
    jobs,
    ledger,
    projects,
    customers,
    wallets,
    externalAccounts,
    transactions,
    settings,
    rates,
    bank,
    bankRail,
    numberKey: keyEncryption.derive('virtual-account-number'),
  });

  const requestLog = new RequestLog();
  const ledgerExplorer = new LedgerExplorer({ ids, jobs });
  const sandboxClocks = new SandboxClocks({ db, clock, ids, waker: clocksWaker });

  return {
    ...options,
    jobWaker,
    chainWaker,
    eventsWaker,
    changesWaker,
    clocksWaker,
    trouble,
    sandboxTroubles: new SandboxTroubles({ trouble, webhooks, hasOwnChain: options.chainFacts.isLocal }),
    worldsWaker,
    sandboxClocks,
    sandboxWorlds: new SandboxWorlds({
      db,
      clock,
      ids,
      audit,
      waker: worldsWaker,
      clocks: sandboxClocks,
      treasuries,
      trouble,
      isLocalChain: options.chainFacts.isLocal,
    }),
    jobs,
    events,
    audit,
    ledger,
    sealers,
    sends,
    addresses,
    tokens,
    apiKeys,
    apiKeyUse: new ApiKeyUse({ db, wallClock, log: options.log }),
    sessions,
    passwords,
    people,
    treasuries,
    projects,
    scenarios,
    identityVerifier,
    customers,
    wallets,
    externalAccounts,
    transactions,
    quotes,
    execution,
    depositAddresses,
    cashIns,
    cashPickups,
    cashOutNetwork,
    sandboxCashOut,
    webhooks,
    eventLog: new EventLog(),
    requestLog,
    ledgerExplorer,
    streams: new Streams({ db, log: options.log, wallClock, waker: changesWaker }),
    overviews: new Overviews(),
    search: new Search({ ledgerExplorer }),
    walletExplorer: new WalletExplorer({ ...options, ledger, wallets }),
    timelines: new Timelines({ ledgerExplorer, requestLog }),
    requestRecorder: new RequestRecorder(options),
    reconciliation,
    networks,
    settings,
    rates,
    till,
    bank,
    bankRail,
    sandboxBank,
    virtualAccounts,
    bankDeposits: new BankDeposits({ events, bank: sandboxBank, accounts: virtualAccounts }),
    cashInHands: new CashInHands({ events, cashIns }),
    bankStatements: new BankStatements({
      ids,
      bank,
      sandboxBank,
      transactions,
      referenceOf: async (tx, transactionId) => (await payoutOf(bank)(tx, transactionId))?.reference,
    }),
    chainDeposits: new ChainDeposits({ ids, jobs, wallets }),
    identityHands: new IdentityHands({ ids, events, providerEvents, customers }),
    bankHands: new BankHands(sandboxBank, payoutOf(bank)),
    /** What providers that live in this database do by themselves. */
    providerTasks: [settleTask(sandboxBank, sealers), afterwardsTask(sandboxBank, sealers)],
    railTask: rails.task(),
    /** What needs a stranger on a local chain. */
    localChainTasks: (stranger: StrangerTransfers) => [transferTask(stranger)],
    settlement: settlementHandlers({ cashIns, transactions, wallets, treasuries, depositAddresses }),
  };
}
