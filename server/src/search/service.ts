import type { SearchResult } from '@openoms/contract/console/project.ts';
import { readEvmAddress } from '../chain/token/evm-address.ts';
import type { Tx } from '../db/database.ts';
import { parseAccountId } from '../ledger/chart.ts';
import type { LedgerExplorer } from '../ledger-explorer/service.ts';
import * as store from './store.ts';

const MAX_RESULTS = 20;
/** Digits of an id behind its prefix. */
const ID_DIGITS = 26;
/** A beginning of a name that is shorter says too little. */
const MIN_NAME = 2;

const ID = /^([A-Za-z]{2,12})_([0-9a-z]{0,26})$/;
const API_KEY = /^sk_[a-z]{0,4}/;
const ADDRESS = /^0x[0-9a-f]{40}$/i;
const HASH = /^0x[0-9a-f]{64}$/i;

const TYPES: Readonly<Record<store.SearchedPrefix, SearchResult['type']>> = {
  cst: 'customer',
  wlt: 'wallet',
  txn: 'transaction',
  ci: 'cashIn',
  qt: 'quote',
  va: 'virtualAccount',
  da: 'depositAddress',
  whk: 'webhook',
  evt: 'event',
  req: 'request',
  cpUsBank: 'externalAccount',
  cpIntlBank: 'externalAccount',
  cpBcAddr: 'externalAccount',
  pmCard: 'externalAccount',
};

/** Of the resource of a send or deposit; of others there is no page. */
const typeOfId = (id: string): SearchResult['type'] | undefined => {
  const prefix = id.slice(0, id.indexOf('_'));
  return store.isSearchedPrefix(prefix) ? TYPES[prefix] : undefined;
};

const found = (
  type: SearchResult['type'],
  row: store.FoundRow,
  matched: SearchResult['matched'],
): SearchResult => ({
  type,
  id: row.id,
  title: row.title ?? row.id,
  detail: [row.title === null ? undefined : row.id, row.detail].filter(Boolean).join(' · '),
  matched,
});

/** Finds anything of a project by what somebody has in hand, in a bounded number of look-ups. */
export class Search {
  readonly #ledgerExplorer: LedgerExplorer;

  constructor(deps: { readonly ledgerExplorer: LedgerExplorer }) {
    this.#ledgerExplorer = deps.ledgerExplorer;
  }

  /** The most exact first. */
  async find(tx: Tx, q: string): Promise<SearchResult[]> {
    const text = q.trim();
    if (text === '') return [];
    const results = [
      ...(await byId(tx, text)),
      ...(await this.#byAccount(tx, text)),
      ...(await byChain(tx, text)),
      ...(await byWords(tx, text)),
      ...(await byName(tx, text)),
    ];
    const unique = new Map(results.toReversed().map((each) => [`${each.type} ${each.id}`, each]));
    const first = results.filter((each) => unique.get(`${each.type} ${each.id}`) === each);
    return first.slice(0, MAX_RESULTS);
  }

  async #byAccount(tx: Tx, text: string): Promise<SearchResult[]> {
    if (!parseAccountId(text)) return [];
    const row = await store.findLedgerAccount(tx, text);
    if (!row) return [];
    const names = await this.#ledgerExplorer.namesOf(tx, [text]);
    return [found('ledgerAccount', { ...row, title: names.get(text) ?? text }, 'id')];
  }
}

/** The type follows from the prefix; in any collation, ids of one length sort by their digits. */
async function byId(tx: Tx, text: string): Promise<SearchResult[]> {
  if (API_KEY.test(text)) {
    return (await store.findApiKeys(tx, text, MAX_RESULTS)).map((row) => found('apiKey', row, 'id'));
  }
  const [, prefix = '', digits = ''] = ID.exec(text) ?? [];
  if (!store.isSearchedPrefix(prefix)) return [];
  const bound = (fill: string) => `${prefix}_${digits.padEnd(ID_DIGITS, fill)}`;
  const rows = await store.findByIds(tx, prefix, bound('0'), bound('z'), MAX_RESULTS);
  return rows.map((row) => found(TYPES[prefix], row, 'id'));
}

async function byChain(tx: Tx, text: string): Promise<SearchResult[]> {
  if (ADDRESS.test(text)) {
    const lower = text.toLowerCase();
    const rows = await store.findByAddress(tx, lower, readEvmAddress(lower).address ?? lower, MAX_RESULTS);
    return rows.map((row) => found(row.type, row, 'address'));
  }
  if (!HASH.test(text)) return [];
  const hash = text.toLowerCase();
  const rows = await store.findByHash(tx, hash, MAX_RESULTS);
  if (rows.length === 0) return [];
  const about = rows.flatMap(({ resource_id, purpose }) => {
    const type = resource_id === null ? undefined : typeOfId(resource_id);
    return type && resource_id
      ? [found(type, { id: resource_id, title: null, detail: purpose }, 'txHash')]
      : [];
  });
  const block = rows[0]?.block_number;
  const chain = { id: hash, title: hash, detail: block ? `block ${block}` : null };
  return [...about, found('chainTransaction', chain, 'txHash')];
}

/** What stands for itself: mail addresses, external ids, codes and keys. */
async function byWords(tx: Tx, text: string): Promise<SearchResult[]> {
  const emails = text.includes('@')
    ? await store.findCustomersByEmail(tx, [text, text.toLowerCase()], MAX_RESULTS)
    : [];
  const plain = text.toUpperCase().replaceAll(/[\s-]/g, '');
  // As cash networks write them: letters, a space, digits.
  const codes = [text, plain, plain.replace(/^([A-Z]+)([0-9]+)$/, '$1 $2')];
  const byCode = await store.findByCode(tx, [...new Set(codes)], MAX_RESULTS);
  const byExternalId = await store.findCustomersByExternalId(tx, text, MAX_RESULTS);
  const byKey = await store.findRequestsByKey(tx, text, MAX_RESULTS);
  return [
    ...emails.map((row) => found('customer', row, 'email')),
    ...byCode.map((row) => found(row.type, row, 'code')),
    ...byExternalId.map((row) => found('customer', row, 'externalId')),
    ...byKey.map((row) => found('request', row, 'idempotencyKey')),
  ];
}

async function byName(tx: Tx, text: string): Promise<SearchResult[]> {
  if (text.length < MIN_NAME || /[0-9@:_]/.test(text)) return [];
  const start = text.toLowerCase().replaceAll(/\s+/g, ' ');
  const rows = await store.findCustomersByName(tx, start, MAX_RESULTS);
  return rows.map((row) => found('customer', row, 'name'));
}
