import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Member, signIn } from '../../server/test/console.ts';
import { createWorld, type World } from '../../server/test/world.ts';
import { browserPath, launchBrowser } from '../../tools/dashboard/launch.ts';
import { paths } from '../src/paths.ts';
import { faultsOf, settle } from './axe.ts';
import { buildDashboard, needsBrowser, openDashboard } from './browser.ts';
import { fillWithPayments } from './payments-world.ts';

needsBrowser();

const MANY_PAGES = { timeout: 240_000 };
/** A page takes its time on a machine that is busy. */
const SOON = { timeout: 15_000 };
const KINDS = ['Request', 'Quote', 'State', 'Ledger', 'Rail', 'Chain', 'Event', 'Delivery'];

/** The focus is on the row that is named so. */
const focused = (page: Page): Promise<unknown> => page.evaluate('document.activeElement.textContent');

describe.runIf(browserPath !== undefined)('the pages of payments', () => {
  let world: World;
  let browser: Browser;
  let owner: Member;
  let filled: Awaited<ReturnType<typeof fillWithPayments>>;
  let projectId: string;
  beforeAll(async () => {
    buildDashboard();
    [world, browser] = await Promise.all([createWorld(), launchBrowser()]);
    projectId = world.project.projectId;
    filled = await fillWithPayments(world);
    owner = await signIn(world, 'owner');
  }, MANY_PAGES.timeout);
  afterAll(async () => {
    await browser?.close();
    await world?.close({ expectFailures: true });
  });

  const open = (path: string, options: { as?: Member; width?: number } = {}) =>
    openDashboard({ browser, world, as: owner, path, ...options });

  it('tell a cash-in from its code to the last delivery, while it happens', async () => {
    const cashIn = await world.cashIn(filled.wallet, { dollars: '90.00' });
    await world.drain();
    const { page, complaints } = await open(paths.cashIn(projectId, cashIn.id));
    const waiting = page.getByRole('region', { name: 'What it waits for' });
    await waiting.getByText(cashIn.depositInstructions?.code ?? 'no code').waitFor();
    await waiting.getByText('What to do').waitFor();

    await world.payAtTill(cashIn, '100.00');
    await world.drain();
    await waiting.waitFor({ state: 'detached' });
    await page.getByRole('main').getByText('Completed').first().waitFor();
    const kinds = page.getByRole('group', { name: 'Rows shown' });
    for (const kind of KINDS) await kinds.getByRole('button', { name: kind }).waitFor();

    const rows = page.getByRole('list', { name: 'Timeline' });
    const sum = rows.getByRole('list', { name: 'Arithmetic' }).last();
    for (const line of ['100.00 USD', '2.00 USD', '98.00 USD', '1.0 usdc per usd', '98.00 USDC'])
      await sum
        .getByText(line.split(' ')[0] ?? '')
        .first()
        .waitFor();
    const booked = rows.getByRole('list', { name: 'Postings' }).first();
    await booked
      .getByRole('listitem')
      .filter({ hasText: /Debit Cash clearing.*credit In flight/ })
      .waitFor();

    await kinds.getByRole('button', { name: 'Delivery' }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get('kind'), SOON).toBe('delivery');
    await rows.getByRole('button', { name: /cashIn\.completed delivered/ }).click();
    await rows.getByRole('list', { name: 'Attempts' }).getByText('204').first().waitFor();
    const address = page.url();
    await page.goto(address);
    await rows.getByRole('list', { name: 'Attempts' }).getByText('204').first().waitFor();
    expect(complaints).toEqual([]);
  });

  it('say why a payout failed, by which code, and what to do', async () => {
    const { page } = await open(paths.transaction(projectId, filled.transactions.failed.id));
    const why = page.getByRole('region', { name: 'Why it failed' });
    await why.getByRole('heading', { name: 'The payout was not paid' }).waitFor();
    const codes = why.getByRole('list', { name: 'Codes' });
    await codes.getByText('payout_failed').waitFor();
    await codes.getByText('R01').waitFor();
    await why.getByText(/Insufficient funds\. 80\.00 USDC went back/).waitFor();
    await why.getByRole('heading', { name: 'What to do' }).waitFor();
    await why.getByText(/make a new quote/).waitFor();
    const rows = page.getByRole('list', { name: 'Timeline' });
    await rows.getByRole('button', { name: /Rail, failed: Bank sent the payout back/ }).waitFor();
    await rows.getByRole('button', { name: /Refund booked/ }).waitFor();
  });

  it('are walked by keys alone: filter, row, timeline, and back to the same list', async () => {
    const { page } = await open(paths.home(projectId));
    const { keyboard } = page;
    await keyboard.press('g');
    await keyboard.press('t');
    await page.getByRole('heading', { level: 1, name: 'Transactions' }).waitFor();
    await page.getByRole('button', { name: 'Status' }).focus();
    await keyboard.press('Enter');
    await page.getByRole('button', { name: 'Failed' }).focus();
    await keyboard.press('Enter');
    await expect.poll(() => new URL(page.url()).searchParams.get('status'), SOON).toBe('failed');
    const table = page.getByRole('table', { name: 'Transactions' });
    await expect.poll(() => table.getByRole('row').count(), SOON).toBe(3);

    await keyboard.press('j');
    await keyboard.press('j');
    await expect.poll(() => focused(page), SOON).toContain('80.00');
    await keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: /Bank payout 80\.00/ }).waitFor();
    await page.getByRole('list', { name: 'Timeline' }).waitFor();
    await keyboard.press('j');
    await expect.poll(() => focused(page), SOON).toContain('/v0.9/quotes');
    await keyboard.press('Enter');
    await page.getByRole('link', { name: 'The request and its answer' }).waitFor();

    for (let row = 1; row < 8; row++) await keyboard.press('j');
    await expect
      .poll(() => page.evaluate('document.activeElement.closest("[data-row]")?.dataset.row'), SOON)
      .toBe('7');
    await keyboard.press('u');
    await page.getByRole('heading', { level: 1, name: 'Transactions' }).waitFor();
    expect(new URL(page.url()).searchParams.get('status')).toBe('failed');
    await keyboard.press('j');
    await expect.poll(() => focused(page), SOON).toContain('80.00');
  });

  it('open a list with the filters that its address names', async () => {
    const { page, open: go } = await open(`${paths.cashIns(projectId)}?status=expired`);
    await expect.poll(() => page.getByRole('table').getByRole('row').count(), SOON).toBe(2);
    await page.getByRole('button', { name: 'Remove filter Status' }).click();
    await expect.poll(() => page.getByRole('table').getByRole('row').count(), SOON).toBeGreaterThan(4);
    await go(`${paths.events(projectId)}?type=cashIn.expired`);
    await expect.poll(() => page.getByRole('table').getByRole('row').count(), SOON).toBe(2);
    await go(`${paths.requests(projectId)}?operation=createQuote&method=POST`);
    await page
      .getByRole('row', { name: /\/v0\.9\/quotes/ })
      .first()
      .waitFor();
    await go(`${paths.customers(projectId)}?email=nobody@example.com`);
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await page.getByRole('row', { name: /Ada Lovelace/ }).waitFor();
  });

  it('create a customer, decide an endorsement and add a wallet', async () => {
    const { page } = await open(`${paths.customers(projectId)}?dialog=create`);
    const form = page.getByRole('dialog', { name: 'Create customer' });
    await form.getByLabel('Email').fill('not an email');
    await form.getByRole('button', { name: 'Create customer' }).click();
    await form.locator('[aria-invalid=true]').and(form.getByLabel('Email')).waitFor();
    await form.getByRole('button', { name: 'Fill in an example' }).click();
    await form.getByLabel('First name').fill('Hedy');
    await form.getByRole('button', { name: 'Create customer' }).click();
    await page.getByRole('heading', { level: 1, name: 'Hedy Smith' }).waitFor();
    await world.drain();

    await page.reload();
    await page.getByRole('button', { name: 'Decide USD' }).click();
    const decision = page.getByRole('dialog', { name: 'Decide endorsements' });
    await decision.getByLabel('Reject').check();
    await decision.getByLabel('Why').fill('The photo cannot be read.');
    await decision.getByRole('button', { name: 'Reject' }).click();
    await page.getByRole('list', { name: 'Issues' }).getByText('The photo cannot be read.').waitFor();

    await page.getByRole('button', { name: 'Add wallet' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Add wallet' }).click();
    await page.getByRole('row', { name: /USDC on Polygon/ }).waitFor();
  });

  it('keep from a viewer what only others may do, and say who may', async () => {
    const viewer = await signIn(world, 'viewer');
    const { page } = await open(paths.customers(projectId), { as: viewer });
    const create = page.getByRole('button', { name: /Create customer/ });
    expect(await create.getAttribute('aria-disabled')).toBe('true');
    expect(await create.textContent()).toMatch(/Your role, viewer, may not/);
  });

  // Where there is least room; `pages.test.ts` has the pages at both widths.
  it('have no fault in any state, on a phone', MANY_PAGES, async () => {
    const { page, open: go } = await openDashboard({ browser, world, as: owner, width: 390 });
    const { cashIns, transactions, customer, bare } = filled;
    const empty = await world.newProject({ name: 'Empty' });
    const customerPath = paths.customer(projectId, customer.id);
    const addresses = [
      ...Object.values(transactions).map(({ id }) => paths.transaction(projectId, id)),
      ...Object.values(cashIns).map(({ id }) => `${paths.cashIn(projectId, id)}?fold=open`),
      ...['transactions', 'cash-ins', 'accounts'].map((tab) => `${customerPath}?tab=${tab}`),
      `${customerPath}?decide=usd`,
      `${customerPath}?dialog=wallet`,
      `${paths.customers(projectId)}?dialog=create`,
      paths.customer(projectId, bare.id),
      `${paths.transactions(projectId)}?status=failed&quoteId=none`,
      ...[
        paths.customers,
        paths.wallets,
        paths.transactions,
        paths.cashIns,
        paths.events,
        paths.requests,
      ].map((path) => path(empty.projectId)),
      paths.transaction(projectId, 'txn_none'),
    ];
    const faults: string[] = [];
    for (const address of addresses) {
      await go(address);
      await settle(page);
      faults.push(...(await faultsOf(page)).map((fault) => `${address}: ${fault}`));
      const beyond = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'));
      if (beyond > 0) faults.push(`${address} is ${beyond} px wider than the window`);
    }
    expect(faults.join('\n')).toBe('');
  });
});
