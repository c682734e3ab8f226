import { OPERATIONS } from '@openoms/contract/operations.ts';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserPath, launchBrowser } from '../../tools/dashboard/launch.ts';
import { createWorld, type World } from './world.ts';

/** Tags, and the list of models, of which each is a group of the sidebar. */
const MAX_GROUPS = 40;

it('needs a Chromium, or CHROMIUM_PATH, to test the reference page', (context) => {
  if (!browserPath) context.skip('no Chromium was found: the reference page is not tested');
});

describe.runIf(browserPath !== undefined)('the reference page', () => {
  let world: World;
  let browser: Browser;
  let page: Page;
  const requested: URL[] = [];
  const errors: string[] = [];
  beforeAll(async () => {
    world = await createWorld();
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
    page.on('request', (request) => requested.push(new URL(request.url())));
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(`${world.baseUrl}/docs`);
    await page.getByRole('heading', { name: 'OpenOMS API' }).waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  it('shows every operation', async () => {
    const sidebar = page.getByRole('complementary');
    const closed = sidebar.locator('button[aria-expanded=false]');
    for (let group = 0; group < MAX_GROUPS && (await closed.count()) > 0; group++)
      await closed.first().click();
    for (const { summary } of Object.values(OPERATIONS))
      await sidebar.getByText(summary, { exact: true }).first().waitFor();
    expect(errors).toEqual([]);
  });

  it('asks no host but this server', () => {
    const outside = requested.filter(
      ({ protocol, origin }) => protocol !== 'data:' && protocol !== 'blob:' && origin !== world.baseUrl,
    );
    expect(outside.map(String)).toEqual([]);
    expect(requested.length).toBeGreaterThan(1);
  });

  it('offers neither to share nor to deploy what it shows', async () => {
    for (const name of [/share/i, /deploy/i, /ask ai/i, /open in/i, /generate mcp/i])
      expect(await page.getByRole('button', { name }).count(), String(name)).toBe(0);
    expect(await page.getByRole('link', { name: /deploy|share/i }).count()).toBe(0);
  });
});
