import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { Scene } from './scenes.ts';

const WIDTHS = [1280, 390] as const;
const HEIGHTS = { 1280: 800, 390: 844 } as const;
const THEMES = ['light', 'dark'] as const;
/** After the data has come, for the fonts and what moves. */
const SETTLE_MS = 500;
const ACTION_TIMEOUT_MS = 8_000;

export interface Instance {
  readonly baseUrl: string;
  readonly email: string;
  readonly password: string;
}

/** Each scene at both widths and in both themes; says which could not be made, and which scroll sideways. */
export async function shoot(browser: Browser, instance: Instance, scenes: readonly Scene[], dir: string) {
  for (const theme of THEMES) {
    const context = await browser.newContext({ colorScheme: theme, reducedMotion: 'reduce' });
    const page = await context.newPage();
    page.setDefaultTimeout(ACTION_TIMEOUT_MS);
    await signIn(page, instance, (width) => join(dir, `sign-in-${width}-${theme}.png`));
    for (const scene of scenes) {
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: HEIGHTS[width] });
        const file = `${scene.name}-${width}-${theme}.png`;
        try {
          await make(page, instance.baseUrl, scene);
        } catch (error) {
          console.log(`${file}: ${error instanceof Error ? error.message.split('\n')[0] : error}`);
        }
        const excess = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
        if (excess > 0) console.log(`${file} is ${excess} px too wide`);
        await page.screenshot({ path: join(dir, file), fullPage: !scene.isWindow });
      }
    }
    await context.close();
  }
}

async function signIn(page: Page, { baseUrl, email, password }: Instance, fileOf: (width: number) => string) {
  await page.goto(`${baseUrl}/dashboard/sign-in`);
  await page.getByLabel('Email').fill(email);
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: HEIGHTS[width] });
    await page.screenshot({ path: fileOf(width), fullPage: true });
  }
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(/\/p\//);
}

async function make(page: Page, baseUrl: string, { path, act }: Scene): Promise<void> {
  await page.goto(`${baseUrl}/dashboard${path}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.waitForTimeout(SETTLE_MS);
  if (!act) return;
  await act(page);
  await page.waitForTimeout(SETTLE_MS);
}
