import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, type World } from '../../server/test/world.ts';
import { browserPath, launchBrowser } from '../../tools/dashboard/launch.ts';
import { paths } from '../src/paths.ts';
import { buildDashboard, needsBrowser, openDashboard } from './browser.ts';

needsBrowser();

describe.runIf(browserPath !== undefined)('API keys', () => {
  let world: World;
  let browser: Browser;
  beforeAll(async () => {
    buildDashboard();
    [world, browser] = await Promise.all([createWorld(), launchBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  const tokenOf = async (apiKey: string, apiSecret: string): Promise<{ status: number; token: string }> => {
    const reply = await world.fetch('POST', '/v0.9/auth/token', { as: null, body: { apiKey, apiSecret } });
    return { status: reply.status, token: reply.json.accessToken };
  };

  it('makes a key whose secret is shown once, and revokes it so that its token is refused at once', async () => {
    const { projectId } = world.project;
    const { page } = await openDashboard({ browser, world, path: paths.apiKeys(projectId) });
    await page.getByRole('button', { name: 'Create key' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Checkout');
    await dialog.getByLabel('develop').uncheck();
    await dialog.getByRole('button', { name: 'Create key' }).click();
    const call = await dialog.getByRole('figure', { name: 'Call' }).textContent();
    const { apiKey, apiSecret } = JSON.parse(/'(\{.*\})'/s.exec(call ?? '')?.[1] ?? '{}');
    await dialog.getByRole('button', { name: 'Copy', exact: true }).click();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(apiSecret);
    await dialog.getByRole('button', { name: 'I have kept it' }).click();
    await page.reload();
    expect(await page.getByText(apiSecret).count()).toBe(0);

    const { token } = await tokenOf(apiKey, apiSecret);
    const ask = () =>
      world.fetch('GET', '/v0.9/customers', { as: null, headers: { authorization: `Bearer ${token}` } });
    expect((await ask()).status).toBe(200);

    await page.getByRole('button', { name: 'Revoke Checkout' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke key' }).click();
    await page.getByText('Checkout is revoked').waitFor();
    expect((await ask()).status).toBe(401);
    expect((await tokenOf(apiKey, apiSecret)).status).toBe(401);
    await page.getByRole('link', { name: /^Revoked/ }).click();
    await page.getByRole('row', { name: /Checkout/ }).waitFor();
  });

  it('keeps the buttons of a viewer in their place, with the reason, and the API refuses', async () => {
    const { projectId } = world.project;
    const { page, member } = await openDashboard({
      browser,
      world,
      as: 'viewer',
      path: paths.apiKeys(projectId),
    });
    const create = page.getByRole('button', { name: /^Create key/ });
    expect(await create.getAttribute('aria-disabled')).toBe('true');
    expect(await create.textContent()).toContain('viewer');
    await create.click({ force: true });
    expect(await page.getByRole('dialog').count()).toBe(0);
    const reply = await member?.inProject(projectId, 'POST', '/api-keys', { body: { name: 'Mine' } });
    expect(reply?.status).toBe(403);
  });
});
