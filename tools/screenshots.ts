import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseEnv } from 'node:util';
import { OpenOMS } from '@openoms/sdk';
import { Instance } from '../testing/src/instance.ts';
import { Sandbox } from '../testing/src/sandbox.ts';
import { launchBrowser } from './dashboard/launch.ts';
import { scenesOf } from './dashboard/scenes.ts';
import { shoot } from './dashboard/shoot.ts';
import { type Endpoint, openShop, startOfShop } from './dashboard/shop.ts';

/**
 * Every page of the dashboard, at both widths and in both themes, of an instance of its own in which everything has
 * happened: `npm run screenshots [directory [word…]]`; with words only what has one of them in its name.
 */

const ROOT = fileURLToPath(new URL('..', import.meta.url));

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

/** The project that is there from the start: nothing has happened in it. */
async function emptyProjectOf(baseUrl: string, credentials: Credentials): Promise<string> {
  const session = await fetch(`${baseUrl}/console/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-oms-console': '1' },
    body: JSON.stringify(credentials),
  });
  if (!session.ok) throw new Error(`nobody is let in: ${await session.text()}`);
  const { projects } = (await session.json()) as { projects: { id: string; mode: string; name: string }[] };
  return projects.find(({ mode, name }) => mode === 'sandbox' && name !== SHOP)?.id ?? '';
}

const SHOP = 'Corner shop';

/** Of the shop itself, on the loopback. */
async function startEndpoint(): Promise<{ endpoint: Endpoint; close: () => void }> {
  const endpoint = { url: '', isDown: false };
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(endpoint.isDown ? 503 : 200, { 'content-type': 'text/plain' });
    response.end(endpoint.isDown ? 'upstream connect error' : 'ok');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  endpoint.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`;
  return { endpoint, close: () => server.close() };
}

async function main([directory, ...words]: readonly string[]): Promise<void> {
  const dir = resolve(directory ?? join(tmpdir(), 'openoms-screenshots'));
  mkdirSync(dir, { recursive: true });
  spawnSync('node', [join(ROOT, 'dashboard/build.ts')], { stdio: 'inherit' });
  const instance = await Instance.start();
  const { endpoint, close } = await startEndpoint();
  const browser = await launchBrowser();
  try {
    const { connection } = instance;
    const projects = [{ name: SHOP, startsAt: startOfShop(new Date()).toISOString() }];
    const { data } = await new OpenOMS(connection).sandbox.projects.create({ projects });
    const [project] = data;
    if (!project) throw new Error('the instance made no project');
    const { apiKey, apiSecret } = project;
    const opened = await openShop(new Sandbox({ ...connection, apiKey, apiSecret }), endpoint);
    const baseUrl = new URL(connection.baseUrl).origin;
    const credentials = credentialsOf(instance.home);
    const scenes = scenesOf(project.id, await emptyProjectOf(baseUrl, credentials), opened);
    const wanted = scenes.filter(
      ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
    );
    await shoot(browser, { baseUrl, ...credentials }, wanted, dir);
    console.log(`\n${pathToFileURL(dir).href}`);
  } finally {
    await browser.close();
    close();
    await instance.close();
  }
}

await main(process.argv.slice(2));
