import { expect, test } from 'vitest';
import { importFindings } from './imports.ts';

/** The messages for one file that holds one line, among the files it may name. */
function messagesFor(path: string, line: string): string[] {
  return importFindings([{ path, text: `${line}\n` }]).map((finding) => finding.message);
}

const WALLETS = 'server/src/wallets/service.ts';

test.each([
  ['kernel stands alone', 'server/src/kernel/money.ts', `import type { Tx } from '../db/database.ts';`],
  ['kernel knows no contract', 'server/src/kernel/money.ts', `import '@openoms/contract/fields.ts';`],
  [
    'a foundation knows no slice',
    'server/src/ledger/ledger.ts',
    `import type { A } from '../wallets/service.ts';`,
  ],
  [
    'a foundation knows no HTTP',
    'server/src/chain/sends.ts',
    `import { route } from '../http/operation.ts';`,
  ],
  ['the store of another slice', WALLETS, `import type { Row } from '../customers/store.ts';`],
  ['a value of another slice', WALLETS, `import { Customers } from '../customers/service.ts';`],
  ['one value among types', WALLETS, `import { type A, b } from '../customers/service.ts';`],
  ['a re-export of a value', WALLETS, `export { b } from '../customers/service.ts';`],
  ['a dynamic import', WALLETS, `const a = await import('../customers/service.ts');`],
  ['an import inside a type', WALLETS, `type A = import('../customers/store.ts').Row;`],
  ['an import for its effect', WALLETS, `import '../customers/service.ts';`],
  ['a provider from a slice', WALLETS, `import type { Till } from '../providers/sandbox/till.ts';`],
  ['the registry from a slice', WALLETS, `import type { Providers } from '../providers/registry.ts';`],
  ['a provider from main', 'server/src/main.ts', `import { till } from './providers/sandbox/till.ts';`],
  [
    'a provider from another',
    'server/src/providers/acme/bank.ts',
    `import { till } from '../sandbox/till.ts';`,
  ],
  ['the context from a part', WALLETS, `import type { Context } from '../context.ts';`],
  ['the SDK from the server', WALLETS, `import { OpenOms } from '@openoms/sdk';`],
  [
    'the server from the SDK',
    'sdk/src/sender.ts',
    `import type { Tx } from '@openoms/server/src/db/database.ts';`,
  ],
  [
    'the server by its path',
    'sdk/src/sender.ts',
    `import type { Tx } from '../../server/src/db/database.ts';`,
  ],
  [
    'a value of the contract from the SDK',
    'sdk/src/sender.ts',
    `import { A } from '@openoms/contract/fields.ts';`,
  ],
  ['the contract by its path', WALLETS, `import { A } from '../../../contract/fields.ts';`],
  ['anything of ours from the contract', 'contract/fields.ts', `import type { A } from '@openoms/sdk';`],
  ['a test from the product', WALLETS, `import { a } from './service.test.ts';`],
  ['a part without a rule', 'server/src/loans/service.ts', `import { a } from '../kernel/money.ts';`],
  ['a workspace without a rule', 'console/src/main.ts', `import { a } from '@openoms/contract/fields.ts';`],
])('refuses: %s', (_what, path, line) => {
  expect(messagesFor(path, line)).toHaveLength(1);
});

test.each([
  ['a port of another slice', WALLETS, `import type { IdentityVerifier } from '../customers/provider.ts';`],
  ['types of another service', WALLETS, `import { type A, type B } from '../customers/service.ts';`],
  ['a value of a foundation', WALLETS, `import { accountId } from '../ledger/chart.ts';`],
  ['the door for provider events', WALLETS, `import type { P } from '../providers/provider-events.ts';`],
  [
    'a port in a provider',
    'server/src/providers/sandbox/till.ts',
    `import type { A } from '../../cash-ins/provider.ts';`,
  ],
  [
    'a provider in the registry',
    'server/src/providers/registry.ts',
    `import { till } from './sandbox/till.ts';`,
  ],
  [
    'a provider in the context',
    'server/src/context.ts',
    `import { till } from './providers/sandbox/till.ts';`,
  ],
  ['the registry in main', 'server/src/main.ts', `import { providers } from './providers/registry.ts';`],
  ['any part in main', 'server/src/main.ts', `import { createContext } from './context.ts';`],
  [
    'types of the contract in the SDK',
    'sdk/src/a.ts',
    `import type { A } from '@openoms/contract/fields.ts';`,
  ],
  ['the SDK in a test', 'server/test/conformance/a.test.ts', `import { OpenOms } from '@openoms/sdk';`],
  ['packages of others', WALLETS, `import pg from 'pg';`],
])('allows: %s', (_what, path, line) => {
  expect(messagesFor(path, line)).toEqual([]);
});

test('finds a cycle once, types included', () => {
  const findings = importFindings([
    { path: 'contract/a.ts', text: `import type { B } from './b.ts';` },
    { path: 'contract/b.ts', text: `export * from './c.ts';` },
    { path: 'contract/c.ts', text: `\nimport { a } from './a.ts';` },
    { path: 'contract/d.ts', text: `import { a } from './a.ts';` },
  ]);
  expect(findings).toEqual([
    {
      path: 'contract/c.ts',
      line: 2,
      message: 'cycle: contract/a.ts → contract/b.ts → contract/c.ts → contract/a.ts',
    },
  ]);
});
