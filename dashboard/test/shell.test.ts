import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, type World } from '../../server/test/world.ts';
import { browserPath, launchBrowser } from '../../tools/dashboard/launch.ts';
import { paths } from '../src/paths.ts';
import { buildDashboard, needsBrowser, openDashboard } from './browser.ts';

needsBrowser();

describe.runIf(browserPath !== undefined)('the shell', () => {
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

  it('is worked by keys alone: shortcuts, palette, rows, menus, dialogs', async () => {
    await world.client.webhooks.create({ url: 'https://example.com/one' });
    await world.client.webhooks.create({ url: 'https://example.com/two' });
    const { page } = await openDashboard({ browser, world, path: paths.home(projectId) });
    const { keyboard } = page;

    await keyboard.press('g');
    await keyboard.press('b');
    await page.getByRole('row', { name: /example.com\/one/ }).waitFor();
    await keyboard.press('j');
    await keyboard.press('j');
    await keyboard.press('k');
    await keyboard.press('j');
    expect(await page.evaluate('document.activeElement.textContent')).toContain('example.com/one');
    await keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'https://example.com/one' }).waitFor();

    await page.getByRole('button', { name: 'More actions' }).focus();
    await keyboard.press('ArrowDown');
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Edit');
    await keyboard.press('ArrowDown');
    await keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Rotate the signing secret' }).waitFor();
    await keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);

    await keyboard.press('Control+k');
    await keyboard.type('audit');
    await keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Audit log' }).waitFor();
    await keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  });

  it('finds a customer by email from the keyboard', async () => {
    const customer = await world.provisionedCustomer();
    const { page } = await openDashboard({ browser, world, path: paths.home(projectId) });
    await page.keyboard.press('/');
    await page.keyboard.type(customer.email ?? '');
    await page.getByRole('option', { name: /Jane/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(`**${paths.customer(projectId, customer.id)}`);
  });

  it('shows what changes as it happens, without being loaded again', async () => {
    const { page } = await openDashboard({ browser, world, path: paths.webhooks(projectId) });
    await page.getByText('Live', { exact: true }).and(page.getByRole('status')).waitFor();
    const { id } = await world.client.webhooks.create({ url: 'https://example.com/live' });
    await world.client.webhooks.test(id);
    await world.drain({ expectFailures: true });
    await page.getByRole('row', { name: /example.com\/live/ }).waitFor();
  });

  it('keeps the chosen theme, and paints in it from the start', async () => {
    const { page } = await openDashboard({ browser, world, path: paths.account() });
    const paper = (): Promise<unknown> =>
      page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    const light = await paper();
    await page.getByLabel('Dark').check();
    expect(await paper()).not.toBe(light);
    await page.reload();
    expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark');
  });

  it('says that it is a sandbox, and where its clock stands when that is elsewhere', async () => {
    const { page, open } = await openDashboard({ browser, world, path: paths.home(projectId) });
    const banner = page.getByRole('complementary', { name: 'Sandbox' });
    await banner.getByText('No real money').waitFor();
    await world.setClock({ advanceSeconds: 86_400 });
    await open(paths.home(projectId));
    await banner.getByText(/The clock/).waitFor();
    const live = await world.newProject({ mode: 'live', name: 'Live shop' });
    await open(paths.home(live.projectId));
    expect(await banner.count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Till' }).count()).toBe(0);
  });

  it('shows somebody else’s project as not there', async () => {
    const { page } = await openDashboard({ browser, world, path: '/p/prj_01h9xa00000000000000000000' });
    await page.getByText('There is no such page').first().waitFor();
  });
});
