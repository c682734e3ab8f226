import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Member, signIn } from '../../server/test/console.ts';
import { createWorld, type World } from '../../server/test/world.ts';
import { browserPath, launchBrowser } from '../../tools/dashboard/launch.ts';
import { pagesOf, type Sample } from '../../tools/dashboard/pages.ts';
import { faultsOf, settle } from './axe.ts';
import { buildDashboard, needsBrowser, openDashboard } from './browser.ts';
import { unreachableOf } from './keyboard.ts';
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

  // Each theme at one width: colours do not depend on it, and what is narrow in the one is in the other.
  it.each([
    { width: 1280, theme: 'light' },
    { width: 390, theme: 'dark' },
  ] as const)(
    'breaks no policy, throws nothing, does not scroll sideways, works by keys and has no fault that axe finds: $width px, $theme',
    MANY_PAGES,
    async ({ width, theme }) => {
      const { page, open, complaints } = await openDashboard({ browser, world, as: owner, width, theme });
      const faults: string[] = [];
      for (const path of pagesOf(sample)) {
        await open(path);
        await settle(page);
        const beyond = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'));
        if (beyond > 0) faults.push(`${path} is ${beyond} px too wide`);
        // Before axe, which is no part of the page.
        faults.push(...complaints.splice(0).map((complaint) => `${path}: ${complaint}`));
        faults.push(...(await faultsOf(page)).map((fault) => `${path}: ${fault}`));
        complaints.splice(0);
        // Keys are for those who have some: once, where the page is wide.
        if (theme === 'light')
          faults.push(...(await unreachableOf(page)).map((fault) => `${path}: ${fault}`));
      }
      expect(faults.join('\n')).toBe('');
    },
  );
});
