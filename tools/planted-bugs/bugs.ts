import { PEOPLE_BUGS } from './people-bugs.ts';
import type { PlantedBug } from './planted-bug.ts';
import { WEBHOOK_BUGS } from './webhook-bugs.ts';

const LEDGER_SQL = 'server/migrations/0009_ledger_journal.sql';

export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    name: 'accounts are read without a lock',
    file: LEDGER_SQL,
    find: `    order by a.account_id collate "C" for no key update)`,
    replace: `    order by a.account_id collate "C")`,
    tests: ['server/src/ledger/ledger-model.test.ts', 'server/src/ledger/double-spend.test.ts'],
  },
  {
    name: 'a rollback is swallowed',
    file: 'server/src/db/database.ts',
    find: `await client.query('rollback').catch(`,
    replace: `await client.query('commit').catch(`,
    tests: ['server/test/idempotency.test.ts', 'server/src/jobs/jobs.test.ts'],
  },
  {
    name: 'a group id is not looked up',
    file: LEDGER_SQL,
    find: `    refusal := case when is_used[p_same_group[first]] then 'exists' end;`,
    replace: `    refusal := null;`,
    tests: ['server/src/ledger'],
  },
  {
    name: 'equal group ids of one call are told apart',
    file: 'server/src/ledger/apply-items.ts',
    find: `this.#sameGroup.push(firstPlace(this.#placeOfGroup, groupId, this.length));`,
    replace: `this.#sameGroup.push(position === 0 ? this.length : (this.#sameGroup.at(-1) ?? 0));`,
    tests: ['server/src/ledger'],
  },
  {
    name: 'a refused group still counts for those after it',
    file: LEDGER_SQL,
    find: `            debit_sums[d] := debit_sums[d] - amounts[i];`,
    replace: `            debit_sums[d] := debit_sums[d];`,
    tests: ['server/src/ledger'],
  },
  {
    name: 'a hold is resolved twice in one call',
    file: LEDGER_SQL,
    find: `          is_resolved[p_same_hold[i]] := true;
          debit_holds`,
    replace: `          debit_holds`,
    tests: ['server/src/ledger'],
  },
  {
    name: 'a hold can be posted after its end',
    file: LEDGER_SQL,
    find: `elsif p_kinds[i] = 'post' and held_until[i] <= now_at then`,
    replace: `elsif p_kinds[i] = 'post' and held_until[i] < p_now - interval '1 hour' then`,
    tests: ['server/src/ledger'],
  },
  {
    name: 'entries of an account are dated by whoever writes them',
    file: LEDGER_SQL,
    find: `greatest(p_now, max(last_entry_at))`,
    replace: `p_now`,
    tests: ['server/src/ledger'],
  },
  {
    name: 'the fee is a cent off',
    file: 'server/src/cash-ins/pricing.ts',
    find: `applyRate(grossMinor, parseRate(fee_rate), 'halfUp')`,
    replace: `applyRate(grossMinor, parseRate(fee_rate), 'down')`,
    tests: ['server/src/cash-ins'],
  },
  {
    name: 'holds are not released when a delivery fails',
    file: 'server/src/cash-ins/postings.ts',
    find: `    ...holdsOf(row).map((pendingId): TransferRequest => ({ kind: 'void', pendingId })),
`,
    replace: '',
    tests: ['server/test/drills/cash-ins.test.ts'],
  },
  {
    name: 'an event is recorded after the commit',
    file: 'server/src/cash-ins/states.ts',
    find: `    await events.record(
      tx,
      ...rows.map((row) => ({ type, resourceId: row.cash_in_id, data: toCashIn(row) })),
    );`,
    replace: `    const changes = rows.map((row) => ({ type, resourceId: row.cash_in_id, data: toCashIn(row) }));
    tx.afterCommit(() => void events.record(tx, ...changes).catch(() => undefined));`,
    tests: ['server/test/cash-ins.test.ts'],
  },
  {
    name: 'a provider event is taken twice',
    file: 'server/src/cash-ins/deposits.ts',
    find: 'if (known.has(deposit.providerEventId)) return;',
    replace: '',
    tests: ['server/test/simulation/seeds-1.test.ts'],
  },
  {
    name: 'the limits of a customer are counted without a lock',
    file: 'server/src/cash-ins/deposits.ts',
    find: `  await customers.lock(tx, customerIds);
`,
    replace: '',
    tests: ['server/test/batching.test.ts', 'server/test/cash-ins.test.ts'],
  },
  {
    name: 'replies are not kept under their keys',
    file: 'server/src/http/idempotency.ts',
    find: `    if (keyed.length === 0) return;`,
    replace: `    if (keyed.length >= 0) return;`,
    tests: ['server/test/idempotency.test.ts'],
  },
  {
    name: "a request of a batch gets its neighbour's reply",
    file: 'server/src/http/batch.ts',
    find: 'toResult(execution, results[place])',
    replace: 'toResult(execution, results[0])',
    tests: ['server/test/batching.test.ts'],
  },
  {
    name: 'a batch that failed counts as done',
    file: 'server/src/db/coalescer.ts',
    find: `      for (const each of batch) await this.#decide(key, [each]);`,
    replace: `      for (const each of batch) settle(each, undefined as O);`,
    tests: ['server/src/db/coalescer.test.ts'],
  },
  {
    name: 'the result of a job is kept though its lease is lost',
    file: 'server/src/jobs/runner.ts',
    find: 'if (deleted.length === 0) throw new LeaseLost',
    replace: 'if (deleted.length > 1) throw new LeaseLost',
    tests: ['server/src/jobs/jobs.test.ts'],
  },
  {
    name: 'the nonce of an authorization depends on how often it was relayed',
    file: 'server/src/chain/relayer/sends-store.ts',
    find: 'authorizationNonce(row.send_id, row.attempt)',
    replace: 'authorizationNonce(row.send_id + claim.validBefore, row.attempt)',
    tests: ['server/test/drills/mempool.test.ts', 'server/src/chain/settlement.test.ts'],
  },
  {
    name: 'a send is authorized anew before the last authorization is dead',
    file: 'server/src/chain/relayer/sends-store.ts',
    find: `and status in ('queued', 'relaying') and valid_before < $2`,
    replace: `and status in ('queued', 'relaying') and valid_before < $2 + 86400`,
    tests: ['server/src/chain/settlement.test.ts', 'server/test/drills'],
  },
  {
    name: 'deposits are credited in blocks that are not final',
    file: 'server/src/chain/indexer/indexer.ts',
    find: `    await this.#settlement.detect(incoming);`,
    replace: `    await this.#settlement.credit(incoming);`,
    tests: ['server/src/chain'],
  },
  {
    name: 'the cursor moves before its blocks are settled',
    file: 'server/src/chain/indexer/indexer.ts',
    find: `    await this.#settlement.pay(executed);
    await this.#settlement.credit(incoming);
    await this.#settlement.orphanUpTo(step.end.number);
    await moveCursor(this.#db, this.#network.name, cursor, step.end);
`,
    replace: `    await moveCursor(this.#db, this.#network.name, cursor, step.end);
    await this.#settlement.pay(executed);
    await this.#settlement.credit(incoming);
    await this.#settlement.orphanUpTo(step.end.number);
`,
    tests: ['server/test/simulation/seeds-1.test.ts', 'server/test/drills/database.test.ts'],
  },
  {
    name: 'an authorization that somebody else used is taken for ours',
    file: 'server/src/chain/indexer/effects.ts',
    find: `if (!send || send.fromAddress !== log.authorizer) continue;`,
    replace: `if (!send) continue;`,
    tests: ['server/src/chain'],
  },
  {
    name: 'the signer signs another transfer for a send it signed',
    file: 'server/src/chain/vault/signer.ts',
    find: 'if (signed !== undefined && signed !== digest) throw',
    replace: "if (signed === '') throw",
    tests: ['server/src/chain/vault'],
  },
  {
    name: 'a project sees the rows of another',
    file: 'server/migrations/0001_foundations.sql',
    find: `using (project_id = current_setting(''oms.project'', true)%s)',`,
    replace: `using (project_id is not null%s)',`,
    tests: ['server/test/isolation.test.ts', 'server/src/db/row-security.test.ts'],
  },
  {
    name: "a bank's event is taken each time it comes",
    file: 'server/src/bank/apply-events.ts',
    find: `ofKind.filter(({ providerEventId }) => accepted.has(providerEventId))`,
    replace: `ofKind.filter(({ providerEventId }) => accepted.size >= 0 && providerEventId)`,
    tests: ['server/src/bank/bank.test.ts'],
  },
  {
    name: 'two messages about a payout are decided at the same time',
    file: 'server/src/bank/store.ts',
    find: `     order by payout_id for no key update`,
    replace: `     order by payout_id`,
    tests: ['server/src/bank/bank.test.ts'],
  },
  {
    name: 'a settlement that overtakes our record of the submission is lost',
    file: 'server/src/bank/apply-events.ts',
    find: `  payoutSettled: {
    queued: 'applies',`,
    replace: `  payoutSettled: {
    queued: 'known',`,
    tests: ['server/src/bank/bank.test.ts'],
  },
  {
    name: 'a bank that contradicts itself is not reported',
    file: 'server/src/bank/apply-events.ts',
    find: `    settled: 'contradicts',
    returned: 'contradicts',`,
    replace: `    settled: 'known',
    returned: 'known',`,
    tests: ['server/src/bank/bank.test.ts'],
  },
  {
    name: 'the sandbox bank takes a holiday on a Saturday as one on Friday',
    file: 'server/src/providers/sandbox/bank-calendar.ts',
    find: `    if (weekday === SATURDAY) return [];`,
    replace: `    if (weekday === SATURDAY) return [addDays(day, -1)];`,
    tests: ['server/src/providers/sandbox/bank-calendar.test.ts'],
  },
  {
    name: 'money that comes in is booked only once it is delivered',
    file: 'server/src/virtual-accounts/deposits.ts',
    find: `  await ledger.apply(tx, ...rows.map(postings.received));`,
    replace: ``,
    tests: ['server/test/virtual-accounts.test.ts'],
  },
  {
    name: 'an account is closed while money comes to it',
    file: 'server/src/virtual-accounts/store.ts',
    find: `     order by virtual_account_id for share`,
    replace: `     order by virtual_account_id`,
    tests: ['server/test/virtual-accounts.test.ts'],
  },
  {
    name: 'a held deposit is tried by two jobs from then on',
    file: 'server/src/virtual-accounts/deposits.ts',
    find: `row.tries !== tries`,
    replace: `row.tries < tries`,
    tests: ['server/test/virtual-accounts.test.ts'],
  },
  {
    name: 'a held deposit is not tried again by itself',
    file: 'server/src/virtual-accounts/deposits.ts',
    find: `  'treasury_short',
]);`,
    replace: `]);`,
    tests: ['server/test/virtual-accounts.test.ts'],
  },
  {
    name: 'what can never be delivered stays with us',
    file: 'server/src/virtual-accounts/deposits.ts',
    find: `  await sendBack(deps, tx, 'processing', await depositsOf(tx, transactions), 'delivery_failed');`,
    replace: `  await depositsOf(tx, transactions);`,
    tests: ['server/test/virtual-accounts.test.ts'],
  },
  {
    name: 'a fee of a payment is a unit off in its postings',
    file: 'server/src/transactions/postings.ts',
    find: `credit: omsFees(row.source_asset), minor: row.source_fee_oms },`,
    replace: `credit: omsFees(row.source_asset), minor: row.source_fee_oms - 1n },`,
    tests: ['server/test/simulation/seeds-1.test.ts'],
  },
  {
    name: 'a failed payout is not refunded',
    file: 'server/src/transactions/service.ts',
    find: `      await settlement.refund(this.#deps, tx, rows);
`,
    replace: '',
    tests: ['server/test/payouts.test.ts'],
  },
  {
    name: 'a quote is executed without a lock',
    file: 'server/src/quotes/store.ts',
    find: `order by quote_id for no key update`,
    replace: `order by quote_id`,
    tests: ['server/test/simulation/seeds-1.test.ts'],
  },
  {
    name: 'the hold of a payment stays when it fails',
    file: 'server/src/transactions/postings.ts',
    find: `group(row, 'failed', [hold(row, 'principal'), ...feeHolds(row)].map(release));`,
    replace: `group(row, 'failed', feeHolds(row).map(release));`,
    tests: ['server/test/payments.test.ts'],
  },
  {
    name: 'a payout is ordered before its tokens are pulled',
    file: 'server/src/transactions/service.ts',
    find: `        rows.map((row) => settlement.principalSend(row, treasury)),
      );`,
    replace: `        rows.map((row) => settlement.principalSend(row, treasury)),
      );
      const payouts = rows.filter((row) => row.destination_external_account_id && row.destination_asset === 'usd');
      await this.#deps.rails.bank.requestPayouts(
        tx,
        payouts.map((row) => ({
          transactionId: row.transaction_id,
          customerId: row.sender_customer_id,
          network: row.destination_network,
          amountMinor: row.destination_gross,
          target: { externalAccountId: row.destination_external_account_id ?? '' },
        })),
      );`,
    tests: ['server/test/payouts.test.ts'],
  },
  {
    name: 'what a bank sends back is booked twice',
    file: 'server/src/transactions/postings.ts',
    find: `    single({ debit: payable(row), credit: usd, minor: row.destination_gross }),`,
    replace: `    single({ debit: payable(row), credit: usd, minor: row.destination_gross }),
    single({ debit: payable(row), credit: usd, minor: row.destination_gross }),`,
    tests: ['server/test/simulation/seeds-1.test.ts'],
  },
  {
    name: 'what an exchange leaves over is not booked',
    file: 'server/src/transactions/postings.ts',
    find: `    ...(rest > 0n ? [{ debit: from, credit: rounding(row.source_asset), minor: rest }] : []),
`,
    replace: '',
    tests: ['server/test/simulation/seeds-1.test.ts'],
  },
  {
    name: 'what arrives is rounded up',
    file: 'server/src/kernel/price.ts',
    find: `parseRate(exchangeRate), 'down')`,
    replace: `parseRate(exchangeRate), 'up')`,
    tests: ['server/src/kernel/price.test.ts'],
  },
  {
    name: 'a quote is executed after its time',
    file: 'server/src/quotes/service.ts',
    find: `if (quote.expires_at <= tx.now()) return expired();`,
    replace: `if (quote.expires_at <= quote.created_at) return expired();`,
    tests: ['server/test/payments.test.ts'],
  },
  ...WEBHOOK_BUGS,
  ...PEOPLE_BUGS,
];
