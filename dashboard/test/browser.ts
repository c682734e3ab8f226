import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Role } from '@openoms/contract/permissions.ts';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { it } from 'vitest';
import { type Member, signIn } from '../../server/test/console.ts';
import type { World } from '../../server/test/world.ts';
import { browserPath } from '../../tools/dashboard/launch.ts';

const ACTION_TIMEOUT_MS = 15_000;
const BUILD_TIMEOUT_MS = 60_000;

/** Says why the tests of a file are skipped where there is no browser. */
export function needsBrowser(): void {
  it('needs a Chromium, or CHROMIUM_PATH, to test the dashboard', (context) => {
    if (!browserPath) context.skip('no Chromium was found: the dashboard is not tested');
  });
}

/** The dashboard as its sources are; a fifth of a second when it is built already. */
export function buildDashboard(): void {
  const script = fileURLToPath(new URL('../build.ts', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [script], {
    encoding: 'utf8',
    timeout: BUILD_TIMEOUT_MS,
  });
  if (status !== 0 || stderr.includes('could not be built'))
    throw new Error(`the dashboard does not build:\n${stderr}`);
}

interface OpenOptions {
  readonly browser: Browser;
  readonly world: World;
  /** Whose eyes: a new member of the role, or one who is there; `null` is not signed in. By default an owner. */
  readonly as?: Role | Member | null;
  /** Below `/dashboard`. */
  readonly path?: string;
  readonly width?: number;
  readonly theme?: 'light' | 'dark';
}

/** A dashboard that somebody has open. */
export interface Dashboard {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly member: Member | undefined;
  /** What the browser complained of: uncaught errors and broken policies. */
  readonly complaints: string[];
  /** Below `/dashboard`. */
  open(path: string): Promise<void>;
}

export async function openDashboard(options: OpenOptions): Promise<Dashboard> {
  const { browser, world, as = 'owner', path, width = 1280, theme = 'light' } = options;
  const member = as === null ? undefined : typeof as === 'string' ? await signIn(world, as) : as;
  const context = await browser.newContext({
    viewport: { width, height: width < 500 ? 844 : 800 },
    colorScheme: theme,
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const [name, value] = member?.cookie?.split(/=(.*)/s) ?? [];
  if (name !== undefined && value !== undefined)
    await context.addCookies([
      { name, value, url: `${world.baseUrl}/console`, httpOnly: true, sameSite: 'Strict' },
    ]);
  const page = await context.newPage();
  page.setDefaultTimeout(ACTION_TIMEOUT_MS);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) complaints.push(message.text());
  });
  const open = async (to: string): Promise<void> => {
    await page.goto(`${world.baseUrl}/dashboard${to}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
  };
  if (path !== undefined) await open(path);
  return { page, context, member, complaints, open };
}
