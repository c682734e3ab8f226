import type { Page } from 'playwright-core';
import { paths } from '../../dashboard/src/paths.ts';
import { pagesOf } from './pages.ts';
import type { Opened } from './shop.ts';

/** A view worth a picture: a page, and what is done on it first. */
export interface Scene {
  readonly name: string;
  /** Below `/dashboard`. */
  readonly path: string;
  readonly act?: (page: Page) => Promise<void>;
  /** As tall as the window rather than as the page: dialogs lie over it. */
  readonly isWindow?: boolean;
}

const nameOf = (path: string, projectId: string): string =>
  decodeURIComponent(path)
    .replace(`/p/${projectId}`, '')
    .replace(/[a-z]+_[0-9a-z]{26}/g, 'one')
    .replace(/[/?=&:]+/g, '-')
    .replace(/^-/, '') || 'home';

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first();

/** Everything of a project that is full, and the first pages of one that is empty. */
export function scenesOf(projectId: string, emptyId: string, { ids, deliveryId, code }: Opened): Scene[] {
  const pages = pagesOf({ projectId, ids, deliveryId }).map((path) => ({
    name: nameOf(path, projectId),
    path,
    isWindow: path.includes('?dialog='),
  }));
  return [...pages, ...payments(projectId, ids, code), ...empty(emptyId), ...dialogs(projectId, ids)];
}

const payments = (projectId: string, ids: Opened['ids'], code: string): Scene[] => [
  { name: 'transaction-returned', path: paths.transaction(projectId, ids.failedPayout) },
  { name: 'transaction-paid-out', path: paths.transaction(projectId, ids.paidPayout) },
  { name: 'cash-in-refused', path: paths.cashIn(projectId, ids.refusedCashIn) },
  { name: 'cash-in-open', path: paths.cashIn(projectId, ids.openCashIn) },
  {
    name: 'till-authorized',
    path: paths.till(projectId),
    act: async (page) => {
      await page.getByLabel('Deposit code').fill(code);
      await page.getByLabel('Deposit code').press('Enter');
      // The display has the focus, and the key that is pressed there is the green one.
      await page.getByLabel('Amount in US dollars').press('Enter');
      await button(page, 'Take the cash').waitFor();
    },
  },
  {
    name: 'transactions-filtered',
    path: `${paths.transactions(projectId)}?status=failed`,
  },
  {
    name: 'transactions-none',
    path: `${paths.transactions(projectId)}?status=cashPickupReady&type=cryptoToCrypto`,
  },
  { name: 'not-found', path: paths.transaction(projectId, 'txn_00000000000000000000000000') },
];

const empty = (projectId: string): Scene[] =>
  [
    paths.home,
    paths.customers,
    paths.wallets,
    paths.transactions,
    paths.cashIns,
    paths.ledger,
    paths.reconciliation,
    paths.events,
    paths.webhooks,
    paths.till,
    paths.bank,
    paths.trouble,
    paths.snapshots,
  ].map((path) => ({ name: `empty-${nameOf(path(projectId), projectId)}`, path: path(projectId) }));

const dialogs = (projectId: string, ids: Opened['ids']): Scene[] =>
  (
    [
      {
        name: 'dialog-key-secret',
        path: `${paths.apiKeys(projectId)}?dialog=create`,
        act: async (page) => {
          await page.getByRole('dialog').getByLabel('Name').fill('Checkout server');
          await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
          await page.getByText('Shown this once').waitFor();
        },
      },
      {
        name: 'dialog-key-revoke',
        path: paths.apiKeys(projectId),
        act: (page) => button(page, /^Revoke/).click(),
      },
      {
        name: 'dialog-webhook-events',
        path: `${paths.webhooks(projectId)}?dialog=create`,
        act: async (page) => {
          const dialog = page.getByRole('dialog');
          await dialog.getByLabel('URL').fill('https://shop.example/webhooks');
          await dialog.getByLabel('Those that are chosen').check();
          await dialog.getByLabel('Find an event').fill('cash');
        },
      },
      {
        name: 'dialog-webhook-secret',
        path: `${paths.webhooks(projectId)}?dialog=create`,
        act: async (page) => {
          await page.getByRole('dialog').getByLabel('URL').fill('https://shop.example/webhooks');
          await page.getByRole('dialog').getByRole('button', { name: 'Add endpoint' }).click();
          await page.getByText('Shown this once').waitFor();
        },
      },
      {
        name: 'dialog-webhook-rotate',
        path: `${paths.webhook(projectId, ids.webhook)}?dialog=rotate`,
      },
      {
        name: 'dialog-authenticator',
        path: paths.account(),
        act: async (page) => {
          await button(page, /^Set up/).click();
          await page.getByRole('dialog').getByLabel('Code', { exact: true }).waitFor();
        },
      },
      {
        name: 'dialog-invitation-link',
        path: `${paths.members()}?dialog=invite`,
        act: async (page) => {
          await page.getByRole('dialog').getByLabel('Email').fill('grace@example.com');
          await page.getByRole('dialog').getByRole('button', { name: 'Make the link' }).click();
          await page.getByText('Shown this once').waitFor();
        },
      },
      {
        name: 'dialog-palette',
        path: paths.home(projectId),
        act: async (page) => {
          await page.keyboard.press('Control+k');
          await page.getByRole('combobox', { name: 'Search' }).fill('lovelace');
          await page.getByRole('option', { name: /Ada/ }).waitFor();
        },
      },
      {
        name: 'dialog-palette-pages',
        path: paths.home(projectId),
        act: (page) => page.keyboard.press('Control+k'),
      },
      {
        name: 'settings-changed',
        path: paths.settings(projectId),
        act: (page) => page.getByLabel('A quote can be executed for').fill('600'),
      },
      { name: 'dialog-shortcuts', path: paths.home(projectId), act: (page) => page.keyboard.press('?') },
      {
        name: 'dialog-switcher',
        path: paths.home(projectId),
        act: async (page) => {
          const menu = button(page, /^(Open )?Menu$/i);
          if (await menu.isVisible()) await menu.click();
          await button(page, /Corner shop/).click();
        },
      },
      {
        name: 'dialog-customer',
        path: `${paths.customers(projectId)}?dialog=create`,
      },
      {
        name: 'filter-open',
        path: paths.transactions(projectId),
        act: (page) => button(page, 'Status').click(),
      },
    ] satisfies Omit<Scene, 'isWindow'>[]
  ).map((scene) => ({ ...scene, isWindow: true }));
