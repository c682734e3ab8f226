import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Member, signIn } from '../../server/test/console.ts';
import { createWorld, type World } from '../../server/test/world.ts';
import { pagesOf, type Sample } from '../../tools/dashboard/pages.ts';
import { faultsOf, settle } from './axe.ts';
import { browserPath, buildDashboard, launchBrowser, needsBrowser, openDashboard } from './browser.ts';
import { sampleOf } from './sample.ts';

needsBrowser();

const MANY_PAGES = { timeout: 240_000 };

describe.runIf(browserPath !== undefined)('every page', () => {
  let world: World;
  let browser: Browser;
  let sample: Sample;
  let owner: Member;
  beforeAll(async () => {
    buildDashboard();
    [world, browser] = await Promise.all([createWorld(), launchBrowser()]);
    sample = await sampleOf(world);
    owner = await signIn(world, 'owner');
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close({ expectFailures: true });
  });

  it.each([1280, 390])('has no fault that axe finds at %d px, light or dark', MANY_PAGES, async (width) => {
    const { page, open } = await openDashboard({ browser, world, as: owner, width, bypassCSP: true });
    const faults: string[] = [];
    // Loaded anew in each: what is on screen while the theme changes is not always painted over at once.
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const path of pagesOf(sample)) {
        await open(path);
        await settle(page);
        faults.push(...(await faultsOf(page)).map((fault) => `${path}, ${colorScheme}: ${fault}`));
      }
    }
    expect(faults.join('\n')).toBe('');
  });

  it.each([1280, 390])(
    'breaks no policy, throws nothing and does not scroll sideways at %d px',
    async (width) => {
      const { page, open, complaints } = await openDashboard({ browser, world, as: owner, width });
      const wide: string[] = [];
      for (const path of pagesOf(sample)) {
        await open(path);
        await settle(page);
        const beyond = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        if (Number(beyond) > 0) wide.push(`${path}: ${beyond} px`);
      }
      expect({ complaints, wide }).toEqual({ complaints: [], wide: [] });
    },
  );
});
