import { EXAMPLE_CUSTOMER } from '@openoms/contract/customers.ts';
import type { Transaction } from '@openoms/contract/transactions.ts';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, type World } from '../../server/test/world.ts';
import { browserPath, launchBrowser } from '../../tools/dashboard/launch.ts';
import { paths } from '../src/paths.ts';
import { buildDashboard, needsBrowser, openDashboard } from './browser.ts';

needsBrowser();

describe.runIf(browserPath !== undefined)('the panel of the sandbox', () => {
  let world: World;
  let browser: Browser;
  let projectId: string;
  beforeAll(async () => {
    buildDashboard();
    [world, browser] = await Promise.all([createWorld(), launchBrowser()]);
    projectId = world.project.projectId;
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close({ expectFailures: true });
  });

  const wallet = async () => world.fundedWallet(await world.provisionedCustomer(), '500.00');

  /** A payout by ACH that its bank has, and does nothing with by itself. */
  async function payout(): Promise<Transaction> {
    const { id: walletId, customerId } = await wallet();
    const account = await world.client.externalAccounts.create(customerId, {
      type: 'usBank',
      network: 'ach',
      owner: { name: 'Jane Smith', type: 'individual' },
      bankDetails: {
        accountNumber: '000123456789',
        routingNumber: '021000021',
        accountType: 'checking',
        bankName: 'Chase',
      },
    });
    await world.drain();
    await world.client.settings.update({ pace: 'manual' });
    const quote = await world.client.quotes.create({
      customerId,
      source: { walletId, asset: 'usdc', network: 'polygon', amount: '50.00' },
      destination: { wallet: { externalAccount: account.id }, asset: 'usd', network: 'ach' },
    });
    const transaction = await world.client.transactions.create({ quoteId: quote.id });
    await world.drain();
    return transaction;
  }

  it('takes cash at the till by keys alone, and prints what happened under an address of its own', async () => {
    const cashIn = await world.cashIn(await wallet());
    const code = cashIn.depositInstructions?.code ?? '';
    const { page } = await openDashboard({ browser, world, path: paths.till(projectId) });
    const { keyboard } = page;
    await page.getByRole('textbox', { name: 'Deposit code' }).focus();
    await keyboard.type(code.toLowerCase().replace(' ', ''));
    await keyboard.press('Enter');
    const amount = page.getByRole('textbox', { name: 'Amount in US dollars' });
    await amount.waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.inputMode')).toBe('decimal');
    await keyboard.type('161.61');
    await keyboard.press('Enter');
    await page.getByText('Exceeds amount limit').first().waitFor();
    await keyboard.press('Control+a');
    await keyboard.type('80.00');
    await keyboard.press('Enter');
    await page.getByText('Approved · take the cash').waitFor();
    await keyboard.press('Enter');
    await page.getByText('Cash taken').first().waitFor();
    await world.drain();

    const receipt = page.getByRole('region', { name: 'Receipt' });
    await receipt.getByText('Completed', { exact: true }).waitFor();
    await receipt.getByText('80.00 USD').first().waitFor();
    expect(page.url()).toContain(`cashIn=${cashIn.id}`);
    await page.reload();
    await receipt.getByText('Completed', { exact: true }).waitFor();
    await receipt.getByRole('link', { name: 'cashIn.completed' }).waitFor();
    const { transactionId, status, source } = await world.client.cashIns.get(cashIn.id);
    expect({ status, amount: source.amount }).toEqual({ status: 'completed', amount: '80.00' });
    await receipt.locator(`a[href$="${transactionId}"]`).first().click();
    await page.waitForURL(`**${paths.transaction(projectId, transactionId ?? '')}`);
  });

  it('tells on the display what a till refuses, and works by fingers', async () => {
    const cashIn = await world.cashIn(await wallet());
    const { page } = await openDashboard({
      browser,
      world,
      width: 390,
      path: `${paths.till(projectId)}?cashIn=${cashIn.id}`,
    });
    const register = page.getByRole('form', { name: 'Cash register' });
    await register.getByRole('button', { name: 'Clear' }).click();
    for (const name of ['9', '9', '00']) await register.getByRole('button', { name, exact: true }).click();
    await register.getByRole('button', { name: 'Authorize', exact: true }).click();
    await register.getByRole('status').getByText('A cash deposit here is').waitFor();
    await register.getByRole('button', { name: 'Let it expire' }).click();
    await register.getByText('The hour of the code is over.').waitFor();
    await register.getByRole('button', { name: 'New code' }).click();
    await register.getByText('Ready').waitFor();
  });

  it('gives a verdict with its reasons, and links what it caused', async () => {
    const customer = await world.client.customers.create({
      ...EXAMPLE_CUSTOMER,
      firstName: 'Noor',
      lastName: 'Undecided',
      endorsements: ['basic', 'usd'],
    });
    await world.drain();
    const { page } = await openDashboard({ browser, world, path: paths.identity(projectId) });
    await page.getByRole('link', { name: /Noor Undecided/ }).click();
    await page.getByRole('radio', { name: 'Revoke' }).check();
    await page.getByRole('button', { name: 'Revoke (No endorsement is active.)' }).waitFor();
    await page.getByRole('radio', { name: 'Reject' }).check();
    await page.getByRole('checkbox', { name: 'usd' }).check();
    await page.getByLabel('Reason for the customer').fill('The photo cannot be read.');
    await page.getByLabel('Reason for the developer').fill('document_unreadable');
    await page.getByRole('button', { name: 'Reject', exact: true }).click();
    await page.getByRole('link', { name: 'customer.endorsement.denied' }).waitFor();
    await page.getByText('The photo cannot be read. (document_unreadable)').waitFor();
    const { endorsements } = await world.client.customers.get(customer.id);
    expect(endorsements.map(({ type, status }) => [type, status])).toEqual([
      ['basic', 'PENDING'],
      ['usd', 'REJECTED'],
    ]);
  });

  it('sends a payout back by the code of a bank', async () => {
    const { id } = await payout();
    const { page } = await openDashboard({ browser, world, path: paths.bank(projectId) });
    await page
      .getByRole('link', { name: /Jane Smith/ })
      .first()
      .click();
    await page.getByRole('radio', { name: 'Return' }).check();
    await page
      .getByLabel('Reason')
      .selectOption({ label: 'R03 · No account, or the account cannot be located' });
    await page.getByRole('button', { name: 'Return', exact: true }).click();
    await page.getByText('It caused', { exact: true }).waitFor();
    await world.drain();
    await expect.poll(async () => (await world.client.transactions.get(id)).status).toBe('failed');
    await page.getByText('It has failed, and its money is back.').first().waitFor({ state: 'attached' });
    await page.getByText(/R03/).first().waitFor();
    await world.client.settings.update({ pace: 'auto' });
  });

  it('lets time pass, and shows in order what fell due', async () => {
    const cashIn = await world.cashIn(await wallet());
    const { page } = await openDashboard({ browser, world, path: paths.clock(projectId) });
    await page
      .getByRole('row', { name: /cashIn.codeExpires/ })
      .first()
      .waitFor();
    const jump = page.getByRole('status', { name: 'What happened on the way' });
    await page.getByLabel('Advance by').fill('2');
    await page.getByRole('button', { name: 'Advance', exact: true }).click();
    await world.during(jump.getByRole('link', { name: 'cashIn.expired' }).first().waitFor());
    expect((await world.client.cashIns.get(cashIn.id)).status).toBe('expired');
    await page.reload();
    await jump.getByRole('link', { name: 'cashIn.expired' }).first().waitFor();
  });

  it('makes trouble from the catalogue, counts it, and ends it', async () => {
    const { page } = await openDashboard({ browser, world, path: paths.trouble(projectId) });
    await page.getByRole('button', { name: 'Make api.latency' }).click();
    const dialog = page.getByRole('dialog', { name: 'api.latency' });
    await dialog.getByLabel('Share').fill('2');
    await dialog.getByRole('button', { name: 'Make trouble' }).click();
    await dialog.getByText(/has the wrong form/).waitFor();
    await dialog.getByLabel('Share').fill('1');
    await dialog.getByLabel('For').fill('1');
    await dialog.getByLabel('Times').fill('2');
    await dialog.getByLabel('Seed').fill('7');
    await dialog.getByRole('button', { name: 'Make trouble' }).click();
    await page.getByRole('row', { name: /api.latency/ }).waitFor();
    const [rule] = await world.client.sandbox.trouble.list().take(1);
    expect(rule).toMatchObject({ kind: 'api.latency', milliseconds: 1, times: 2, seed: 7, share: '1' });
    await page.getByRole('button', { name: 'End all' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End all' }).click();
    await page.getByText('All goes well').waitFor();
  });

  it('finds magic values by any of their words', async () => {
    const { page } = await openDashboard({
      browser,
      world,
      path: `${paths.trouble(projectId)}?tab=magic-values`,
    });
    await page.getByRole('searchbox', { name: 'Search' }).fill('r10 days');
    await page.getByText('99210', { exact: true }).waitFor();
    expect(await page.getByText('99101').count()).toBe(0);
    expect(page.url()).toContain('q=r10');
  });

  it('puts the world back as it was', async () => {
    const { page } = await openDashboard({ browser, world, path: paths.snapshots(projectId) });
    await page.getByLabel('Name').fill('before');
    await page.getByRole('button', { name: 'Take it' }).click();
    await world.during(page.getByRole('row', { name: /before/ }).waitFor());
    const customer = await world.provisionedCustomer();
    await world.drain();
    await page.getByRole('button', { name: 'Restore before' }).click();
    const dialog = page.getByRole('dialog', { name: 'Restore before' });
    await dialog.getByRole('button', { name: 'Restore' }).click();
    await world.during(page.getByText('The world is as it was at before').waitFor());
    await expect(world.client.customers.get(customer.id)).rejects.toMatchObject({ status: 404 });
    await page.getByRole('button', { name: 'Delete before' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('None is taken yet').waitFor();
  });

  it('tells a viewer why no hand moves', async () => {
    const { page } = await openDashboard({ browser, world, as: 'viewer', path: paths.snapshots(projectId) });
    const button = page.getByRole('button', { name: /^Empty the world/ });
    expect(await button.getAttribute('aria-disabled')).toBe('true');
    expect(await button.textContent()).toContain('Your role, viewer, may not do this');
  });
});
