import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ManualClock, systemClock } from '../../server/src/kernel/clock.ts';
import { codeOf, PASSWORD, signIn } from '../../server/test/console.ts';
import { createWorld, type World } from '../../server/test/world.ts';
import { browserPath, launchBrowser } from '../../tools/dashboard/launch.ts';
import { paths } from '../src/paths.ts';
import { faultsOf } from './axe.ts';
import { buildDashboard, needsBrowser, openDashboard } from './browser.ts';
import { unreachableOf } from './keyboard.ts';

needsBrowser();

/** A code is good for this long, and once. */
const CODE_PERIOD_MS = 30_000;

describe.runIf(browserPath !== undefined)('people', () => {
  const clock = new ManualClock(systemClock.now());
  let world: World;
  let browser: Browser;
  beforeAll(async () => {
    buildDashboard();
    [world, browser] = await Promise.all([createWorld({ wallClock: clock }), launchBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  it('lets somebody in by email and password, back to where they wanted to go, and out again', async () => {
    const { email } = await signIn(world, 'operator');
    const wanted = `${paths.audit(world.project.projectId)}?action=webhook.created`;
    const { page } = await openDashboard({ browser, world, as: null, path: wanted });
    expect(await faultsOf(page)).toEqual([]);
    expect(await unreachableOf(page)).toEqual([]);
    await page.getByLabel('Email').fill(email);
    await page.getByLabel('Password').fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Audit log' }).waitFor();
    expect(page.url()).toBe(`${world.baseUrl}/dashboard${wanted}`);

    await page.getByRole('button', { name: /Account menu/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    await page.goto(`${world.baseUrl}/dashboard${wanted}`);
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
  });

  it('asks for the code of an authenticator once there is one', async () => {
    const member = await signIn(world, 'developer');
    const { page } = await openDashboard({ browser, world, as: member, path: paths.account() });
    await page.getByRole('button', { name: 'Set up authenticator' }).click();
    const dialog = page.getByRole('dialog');
    const secret = (await dialog.getByText(/^[A-Z2-7]{32,}$/).textContent()) ?? '';
    await dialog.getByLabel('Code', { exact: true }).fill('000000');
    await page.keyboard.press('Enter');
    await dialog.getByRole('alert').waitFor();
    await dialog.getByLabel('Code', { exact: true }).fill(codeOf(secret, clock.now()));
    await page.keyboard.press('Enter');
    await dialog.getByText('Recovery codes').waitFor();
    await dialog.getByRole('button', { name: 'I have kept them' }).click();
    await page.getByRole('button', { name: 'Remove authenticator' }).waitFor();

    const anew = await openDashboard({ browser, world, as: null, path: paths.account() });
    await anew.page.getByLabel('Email').fill(member.email);
    await anew.page.getByLabel('Password').fill(PASSWORD);
    await anew.page.keyboard.press('Enter');
    await anew.page.getByRole('heading', { level: 1, name: 'Enter your code' }).waitFor();
    expect(await faultsOf(anew.page)).toEqual([]);
    await anew.page.getByLabel('Code').fill('000000');
    await anew.page.keyboard.press('Enter');
    await anew.page.getByRole('alert').waitFor();
    clock.advance(CODE_PERIOD_MS);
    await anew.page.getByLabel('Code').fill(codeOf(secret, clock.now()));
    await anew.page.keyboard.press('Enter');
    await anew.page.getByRole('heading', { level: 1, name: 'Account' }).waitFor();
  });

  it('invites by a link that makes a member of the role', async () => {
    const { page } = await openDashboard({ browser, world, path: `${paths.members()}?dialog=invite` });
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Email').fill('grace@example.com');
    await dialog.getByLabel('Viewer').check();
    await dialog.getByRole('button', { name: 'Make the link' }).click();
    const url = (await dialog.getByText(/^http/).textContent()) ?? '';

    const invited = await openDashboard({ browser, world, as: null });
    await invited.page.goto(url);
    await invited.page.getByLabel('Your name').fill('Grace');
    expect(await faultsOf(invited.page)).toEqual([]);
    await invited.page.getByLabel('Password').fill('a password of hers');
    await invited.page.getByRole('button', { name: 'Accept the invitation' }).click();
    await invited.page.getByRole('navigation', { name: 'Main' }).waitFor();
    await invited.open(paths.members());
    await invited.page.getByRole('row', { name: /Grace/ }).getByText('viewer', { exact: true }).waitFor();
    await invited.page.goto(url);
    await invited.page.getByText('This link leads nowhere').waitFor();
  });
});
