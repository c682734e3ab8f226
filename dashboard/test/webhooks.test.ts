import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, type World } from '../../server/test/world.ts';
import { browserPath, launchBrowser } from '../../tools/dashboard/launch.ts';
import { paths } from '../src/paths.ts';
import { buildDashboard, needsBrowser, openDashboard } from './browser.ts';

needsBrowser();

describe.runIf(browserPath !== undefined)('webhooks', () => {
  let world: World;
  let browser: Browser;
  beforeAll(async () => {
    buildDashboard();
    [world, browser] = await Promise.all([createWorld(), launchBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close({ expectFailures: true });
  });

  it('adds an endpoint for chosen events, tests it, and shows what was sent and answered', async () => {
    const receiver = await world.receiver();
    const { page } = await openDashboard({ browser, world, path: paths.webhooks(world.project.projectId) });
    await page.getByRole('button', { name: 'Add endpoint' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('URL').fill(receiver.url);
    await dialog.getByLabel('Those that are chosen').check();
    await dialog.getByRole('button', { name: 'Add endpoint' }).click();
    await dialog.getByText('Choose one at least').waitFor();
    await dialog.getByLabel('Find an event').fill('cashIn');
    await dialog.getByLabel('cashIn.*', { exact: true }).check();
    await dialog.getByRole('button', { name: 'Add endpoint' }).click();
    await dialog.getByText(/^whsec_/).waitFor();
    await dialog.getByRole('button', { name: 'Go to the endpoint' }).click();
    await page.getByText('cashIn.*').waitFor();

    await page.getByRole('button', { name: 'Send test' }).click();
    await world.during(page.getByText('Delivered', { exact: true }).waitFor());
    await page.getByRole('figure', { name: 'Request body' }).getByText('"webhook.test"').waitFor();
    expect(await page.getByText('Attempt 1').count()).toBe(1);

    await page.getByRole('button', { name: 'Retry now' }).click();
    await world.during(page.getByText('Attempt 2').waitFor());
  });

  it('shows at the field what the server refuses', async () => {
    const path = `${paths.webhooks(world.project.projectId)}?dialog=create`;
    const { page } = await openDashboard({ browser, world, path });
    const url = page.getByRole('dialog').getByLabel('URL');
    await url.fill('https://10.0.0.1/hooks');
    await page.keyboard.press('Enter');
    await expect.poll(() => url.getAttribute('aria-invalid')).toBe('true');
    const described = (await url.getAttribute('aria-describedby')) ?? '';
    expect(await page.locator(`[id="${described.split(' ').at(-1)}"]`).textContent()).toMatch(
      /private|refused|address/,
    );
  });

  it('rotates the secret and shows the new one once', async () => {
    const webhook = await world.client.webhooks.create({ url: 'https://example.com/hooks' });
    const { page } = await openDashboard({
      browser,
      world,
      path: `${paths.webhook(world.project.projectId, webhook.id)}?dialog=rotate`,
    });
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Rotate secret' }).click();
    const secret = await dialog.getByText(/^whsec_/).textContent();
    expect(secret).not.toBe(webhook.secret);
    await dialog.getByRole('button', { name: 'I have kept it' }).click();
    expect(await page.getByText(/^whsec_/).count()).toBe(0);
  });
});
