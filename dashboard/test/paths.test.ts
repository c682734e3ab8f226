import { expect, it } from 'vitest';
import { pageOfId, paths } from '../src/paths.ts';

const IDS = ['prj_1', 'res_2', 'del_3'] as const;

it('has one address for each page, which links and bookmarks rely on', () => {
  const addresses = Object.fromEntries(
    Object.entries(paths).map(([name, path]) => [
      name,
      (path as (...ids: readonly string[]) => string)(...IDS),
    ]),
  );
  expect(addresses).toMatchInlineSnapshot(`
    {
      "account": "/account",
      "apiKeys": "/p/prj_1/api-keys",
      "audit": "/p/prj_1/audit",
      "bank": "/p/prj_1/sandbox/bank",
      "cashIn": "/p/prj_1/cash-ins/res_2",
      "cashIns": "/p/prj_1/cash-ins",
      "chain": "/p/prj_1/sandbox/chain",
      "clock": "/p/prj_1/sandbox/clock",
      "customer": "/p/prj_1/customers/res_2",
      "customers": "/p/prj_1/customers",
      "delivery": "/p/prj_1/webhooks/res_2/deliveries/del_3",
      "event": "/p/prj_1/events/res_2",
      "events": "/p/prj_1/events",
      "home": "/p/prj_1",
      "identity": "/p/prj_1/sandbox/identity",
      "invitation": "/invitation",
      "ledger": "/p/prj_1/ledger",
      "ledgerAccount": "/p/prj_1/ledger/accounts/res_2",
      "members": "/organization/members",
      "organizationAudit": "/organization/audit",
      "reconciliation": "/p/prj_1/reconciliation",
      "request": "/p/prj_1/requests/res_2",
      "requests": "/p/prj_1/requests",
      "settings": "/p/prj_1/settings",
      "signIn": "/sign-in",
      "snapshots": "/p/prj_1/sandbox/snapshots",
      "till": "/p/prj_1/sandbox/till",
      "transaction": "/p/prj_1/transactions/res_2",
      "transactions": "/p/prj_1/transactions",
      "trouble": "/p/prj_1/sandbox/trouble",
      "wallet": "/p/prj_1/wallets/res_2",
      "wallets": "/p/prj_1/wallets",
      "webhook": "/p/prj_1/webhooks/res_2",
      "webhooks": "/p/prj_1/webhooks",
    }
  `);
});

it.each([
  ['cst_1', '/p/prj_1/customers/cst_1'],
  ['txn_1', '/p/prj_1/transactions/txn_1'],
  ['lac_1', '/p/prj_1/ledger/accounts/lac_1'],
  ['sk_sdbx_1', '/p/prj_1/api-keys'],
  ['brk_1', '/p/prj_1/reconciliation?break=brk_1'],
  ['usr_1', '/organization/members'],
  ['snd_1', undefined],
  ['anything', undefined],
])('leads from %s to its page', (id, path) => {
  expect(pageOfId('prj_1', id)).toBe(path);
});

it('encodes what an id may hold', () => {
  expect(paths.customer('prj_1', '../../x?y#z')).toBe('/p/prj_1/customers/..%2F..%2Fx%3Fy%23z');
});
