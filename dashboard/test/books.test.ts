import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, type World } from '../../server/test/world.ts';
import { browserPath, launchBrowser } from '../../tools/dashboard/launch.ts';
import { paths } from '../src/paths.ts';
import { buildDashboard, needsBrowser, openDashboard } from './browser.ts';

needsBrowser();

describe.runIf(browserPath !== undefined)('books and settings', () => {
  let world: World;
  let browser: Browser;
  let projectId: string;
  let walletId: string;
  beforeAll(async () => {
    buildDashboard();
    [world, browser] = await Promise.all([createWorld(), launchBrowser()]);
    projectId = world.project.projectId;
    const wallet = await world.fundedWallet(await world.provisionedCustomer(), '500.00');
    walletId = wallet.id;
    await world.payAtTill(await world.cashIn(wallet), '100.00');
    await world.drain();
    await world.chainLedger();
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  it('shows books whose sides are equal, and verifies them', async () => {
    const { page } = await openDashboard({ browser, world, path: paths.ledger(projectId) });
    await page.getByText('In balance').first().waitFor();
    expect(await page.getByText('Not in balance').count()).toBe(0);
    await page.getByRole('button', { name: 'Verify the ledger' }).click();
    const verification = page.getByRole('region', { name: 'Verification' });
    await world.during(verification.getByText('Holds').waitFor());
    await verification.getByText('Every balance is the sum of its transfers').waitFor();
  });

  it('leads from a kind to an account, its balance over time and its entries', async () => {
    const { page } = await openDashboard({ browser, world, path: paths.ledger(projectId) });
    const usdc = page.getByRole('table', { name: 'Trial balance in USDC' });
    await usdc.getByRole('link', { name: 'Wallet' }).click();
    await page
      .getByRole('row', { name: /598\.00/ })
      .getByRole('link')
      .first()
      .click();
    await page.getByRole('heading', { level: 1, name: 'Wallet of Jane Smith · usdc' }).waitFor();
    await page.getByRole('figure', { name: 'Posted balance over time' }).waitFor();
    await page.getByRole('table', { name: 'Entries of the account' }).getByText('598.00').waitFor();
    await page.getByRole('link', { name: 'Day', exact: true }).click();
    await page.waitForURL('**?range=1d');
    expect(page.url()).toContain(walletId);
  });

  it('saves what was changed and nothing else', async () => {
    const { page } = await openDashboard({ browser, world, path: paths.settings(projectId) });
    await page.getByLabel('Payout by ACH, your share').fill('0.02');
    await page.getByRole('radio', { name: 'Realistic' }).check();
    await page.getByText('2 changes are not saved.').waitFor();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('The settings are saved').waitFor();
    const { developerFees, pace, fees } = await world.client.settings.get();
    expect({ ach: developerFees.ach, pace, cashIn: fees.cashIn }).toEqual({
      ach: { percentage: '0.02', fixed: '0.00' },
      pace: 'realistic',
      cashIn: { percentage: '0.015', fixed: '0.50' },
    });
    await page.getByRole('button', { name: 'Default 0 of Payout by ACH, your share' }).click();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await expect.poll(async () => (await world.client.settings.get()).developerFees.ach.percentage).toBe('0');
  });

  it('names the field that is refused, keeps what was typed, and asks before it is lost', async () => {
    const { page } = await openDashboard({ browser, world, path: paths.settings(projectId) });
    const most = page.getByLabel('Cash-out, at most');
    await most.fill('510.00');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('limits.cashOut.max').waitFor();
    expect(await most.getAttribute('aria-invalid')).toBe('true');
    const described = (await most.getAttribute('aria-describedby')) ?? '';
    const error = page.locator(`[id="${described.split(' ').at(-1)}"]`);
    expect(await error.textContent()).toBe('must be a multiple of 20.00');

    await page.getByRole('link', { name: 'Ledger', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Leave without saving?' });
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect(await most.inputValue()).toBe('510.00');
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('link', { name: 'Ledger', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Ledger' }).waitFor();
    expect((await world.client.settings.get()).limits.cashOut.max).toBe('500.00');
  });

  it('renames the project', async () => {
    const { page } = await openDashboard({ browser, world, path: paths.settings(projectId) });
    await page.getByLabel('Name', { exact: true }).fill('Corner shop');
    await page.getByRole('button', { name: 'Rename' }).click();
    await page.getByText('The project is renamed').waitFor();
    await page
      .getByRole('button', { name: /Corner shop/ })
      .first()
      .waitFor();
  });

  it('lists what reconciliation found, each view under its address', async () => {
    await world.client.simulate.walletDeposit(walletId, { token: 'other', amount: { value: '25.00' } });
    await world.drain();
    await world.client.simulate.statementLine({ direction: 'debit', amount: '40.00', reference: 'TRACE-1' });
    const { page, open } = await openDashboard({ browser, world, path: paths.reconciliation(projectId) });
    await page.getByText('Books and chain agree').waitFor();
    await open(`${paths.reconciliation(projectId)}?tab=ignored`);
    await page.getByRole('row', { name: /Wrong token/ }).waitFor();
    await open(`${paths.reconciliation(projectId)}?tab=statement`);
    await page.getByRole('row', { name: /Unknown reference/ }).waitFor();
  });
});
