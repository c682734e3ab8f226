import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PATHS = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Of the Chromium of this machine, or the one that CHROMIUM_PATH names. */
export const browserPath = PATHS.find((path) => path !== undefined && existsSync(path));

export function launchBrowser(): Promise<Browser> {
  if (browserPath === undefined) throw new Error('there is no Chromium; CHROMIUM_PATH names one');
  return chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] });
}
