import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseEnv } from 'node:util';
import { OpenOMS } from '@openoms/sdk';
import { type Browser, chromium } from 'playwright-core';
import { Instance } from '../testing/src/instance.ts';
import { pagesOf, type Sample } from './dashboard/pages.ts';

/**
 * Every page of the dashboard, at both widths and in both themes, of an instance of its own in which everything has
 * happened: `npm run screenshots [directory]`.
 */

const BROWSERS = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const WIDTHS = [1280, 390] as const;
const HEIGHTS = { 1280: 800, 390: 844 } as const;
const THEMES = ['light', 'dark'] as const;
/** After the data has come, for the fonts and what moves. */
const SETTLE_MS = 500;
const TRIGGER_TIMEOUT_MS = 60_000;

/** Payments of every kind, those that fail and those that wait among them. */
const EVENTS = [
  'customer.endorsement.granted',
  'customer.endorsement.denied',
  'cashIn.created',
  'cashIn.completed',
  'cashIn.failed',
  'transaction.cryptoToCrypto.completed',
  'transaction.cryptoToFiat.completed',
  'transaction.cryptoToFiat.failed',
  'transaction.cryptoToFiat.cashPickupReady',
  'webhook.test',
];

const ROOT = fileURLToPath(new URL('..', import.meta.url));

function trigger(instance: Instance, event: string): void {
  const { status, stderr, stdout } = spawnSync('node', [join(ROOT, 'cli/src/main.ts'), 'trigger', event], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, OMS_HOME: instance.home },
    timeout: TRIGGER_TIMEOUT_MS,
  });
  console.log(status === 0 ? `made ${event}` : `could not make ${event}: ${stderr || stdout}`);
}

async function sampleOf(client: OpenOMS, projectId: string): Promise<Sample> {
  const first = async (list: AsyncIterable<{ id: string }>): Promise<string> => {
    for await (const { id } of list) return id;
    throw new Error('a page has nothing to show');
  };
  const customers = client.customers.list();
  const wallet = async (): Promise<string> => {
    for await (const { id } of customers) {
      for await (const found of client.wallets.list(id)) return found.id;
    }
    throw new Error('there is no wallet');
  };
  const webhook = await client.webhooks.create({
    url: 'https://example.com/webhooks',
    description: 'Ledger of the shop',
  });
  const delivery = await client.webhooks.test(webhook.id);
  return {
    projectId,
    ids: {
      customer: await first(client.customers.list()),
      wallet: await wallet(),
      transaction: await first(client.transactions.list()),
      cashIn: await first(client.cashIns.list()),
      event: await first(client.events.list()),
      webhook: webhook.id,
    },
    deliveryId: delivery.id,
  };
}

const nameOf = (path: string, projectId: string): string =>
  path
    .replace(`/p/${projectId}`, '')
    .replace(/[a-z]+_[0-9a-z]{26}/g, 'one')
    .replace(/[/?=]+/g, '-')
    .replace(/^-/, '') || 'home';

async function shoot(
  browser: Browser,
  baseUrl: string,
  credentials: Credentials,
  sample: Sample,
  dir: string,
) {
  for (const theme of THEMES) {
    const context = await browser.newContext({ colorScheme: theme, reducedMotion: 'reduce' });
    const page = await context.newPage();
    await page.goto(`${baseUrl}/dashboard/sign-in`);
    await page.getByLabel('Email').fill(credentials.email);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: HEIGHTS[width] });
      await page.screenshot({ path: join(dir, `sign-in-${width}-${theme}.png`), fullPage: true });
    }
    await page.getByLabel('Password').fill(credentials.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(/\/p\//);
    for (const path of pagesOf(sample)) {
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: HEIGHTS[width] });
        await page.goto(`${baseUrl}/dashboard${path}`);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.waitForTimeout(SETTLE_MS);
        const file = join(dir, `${nameOf(path, sample.projectId)}-${width}-${theme}.png`);
        await page.screenshot({ path: file, fullPage: true });
      }
    }
    await context.close();
  }
}

interface Credentials {
  readonly email: string;
  readonly password: string;
}

function credentialsOf(home: string): Credentials {
  const { OMS_DASHBOARD_EMAIL: email, OMS_DASHBOARD_PASSWORD: password } = parseEnv(
    readFileSync(join(home, 'sandbox.env'), 'utf8'),
  );
  if (!email || !password) throw new Error('sandbox.env names nobody who can sign in');
  return { email, password };
}

async function main(): Promise<void> {
  const executablePath = BROWSERS.find((path) => path !== undefined && existsSync(path));
  if (!executablePath) throw new Error('no Chromium was found; set CHROMIUM_PATH');
  const dir = resolve(process.argv[2] ?? join(tmpdir(), 'openoms-screenshots'));
  mkdirSync(dir, { recursive: true });
  spawnSync('node', [join(ROOT, 'dashboard/build.ts')], { stdio: 'inherit' });
  const instance = await Instance.start();
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    for (const event of EVENTS) trigger(instance, event);
    const { baseUrl: apiUrl, apiKey, apiSecret } = instance.connection;
    const baseUrl = new URL(apiUrl).origin;
    const credentials = credentialsOf(instance.home);
    const session = await fetch(`${baseUrl}/console/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-oms-console': '1' },
      body: JSON.stringify(credentials),
    });
    if (!session.ok) throw new Error(`nobody is let in: ${await session.text()}`);
    const { projects } = (await session.json()) as { projects: { id: string; mode: string }[] };
    const projectId = projects.find(({ mode }) => mode === 'sandbox')?.id ?? '';
    const sample = await sampleOf(new OpenOMS({ baseUrl: apiUrl, apiKey, apiSecret }), projectId);
    await shoot(browser, baseUrl, credentials, sample, dir);
    console.log(`\n${pathToFileURL(dir).href}`);
  } finally {
    await browser.close();
    await instance.close();
  }
}

await main();
