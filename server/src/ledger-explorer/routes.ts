import * as contract from '@openoms/contract/console/ledger.ts';
import { type Route, route } from '../http/operation.ts';
import { toCreatedRange, toPage, toPageRequest } from '../http/paging.ts';
import { optionalDate } from '../kernel/clock.ts';
import { validationError } from '../kernel/errors.ts';
import type { LedgerExplorer } from './service.ts';
import type { EntryPlace } from './store.ts';
import {
  onNormalSide,
  toLedgerAccount,
  toLedgerEntry,
  toLedgerTotals,
  toLedgerVerification,
} from './view.ts';

/** Accounts and entries are listed by numbers, which have the form of ids in cursors alone. */
const ACCOUNT_CURSOR = /^lac_([0-9]{1,18})$/;
const ENTRY_CURSOR = /^ent_([0-9]{1,18})z([0-9]{1,18})$/;

const notOfThisList = () =>
  validationError([{ field: 'startingAfter', issue: 'is not a cursor of this list' }]);

function accountNoOf(cursor: string): string {
  const match = ACCOUNT_CURSOR.exec(cursor);
  if (!match?.[1]) throw notOfThisList();
  return match[1];
}

function placeOf(cursor: string): EntryPlace {
  const match = ENTRY_CURSOR.exec(cursor);
  if (!match?.[1] || !match[2]) throw notOfThisList();
  return { us: BigInt(match[1]), seq: BigInt(match[2]) };
}

/** The envelope of a list whose items have other places than their ids. */
function pageOf<Item>(items: readonly { readonly id: string; readonly item: Item }[], hasMore: boolean) {
  const { data, ...page } = toPage({ items, hasMore });
  return { ...page, data: data.map(({ item }) => item) };
}

export const ledgerExplorerRoutes = (explorer: LedgerExplorer): readonly Route[] => [
  route(contract.listLedgerAccounts, async (tx, { query }) => {
    const { from, ...page } = toPageRequest(query);
    const { accounts, hasMore } = await explorer.accounts(
      tx,
      { kind: query.kind, ownerId: query.ownerId, asset: query.asset },
      { ...page, ...(from !== undefined && { from: accountNoOf(from) }) },
    );
    return pageOf(
      accounts.map((account) => ({
        id: `lac_${account.row.account_no}`,
        item: toLedgerAccount(account),
      })),
      hasMore,
    );
  }),
  route(contract.getLedgerTotals, async (tx) => {
    const { totals, head } = await explorer.totals(tx);
    return toLedgerTotals(totals, head);
  }),
  route(contract.getLedgerAccount, async (tx, { params }) =>
    toLedgerAccount(await explorer.account(tx, params.accountId)),
  ),
  route(contract.listLedgerEntries, async (tx, { params, query }) => {
    const { from, ...page } = toPageRequest(query);
    const { account, rows, hasMore, names } = await explorer.entries(tx, params.accountId, {
      ...page,
      from: from === undefined ? undefined : placeOf(from),
      ...toCreatedRange(query),
    });
    return pageOf(
      rows.map((row) => ({
        id: `ent_${row.created_us}z${row.seq}`,
        item: toLedgerEntry(row, account, names),
      })),
      hasMore,
    );
  }),
  route(contract.getLedgerHistory, async (tx, { params, query }) => {
    const { account, points } = await explorer.history(tx, params.accountId, {
      from: optionalDate(query.from),
      to: optionalDate(query.to),
      points: query.points ?? 60,
    });
    return {
      object: 'ledgerHistory' as const,
      asset: account.asset,
      points: points.map(({ at, posted }) => ({
        at: at.toISOString(),
        balance: onNormalSide(account, posted),
      })),
    };
  }),
  route(contract.verifyLedger, async (tx) => toLedgerVerification(await explorer.verify(tx))),
  route(contract.getLedgerVerification, async (tx, { params }) =>
    toLedgerVerification(await explorer.verification(tx, params.verificationId)),
  ),
];
