import { afterAll, expect, test } from 'vitest';
import { runCampaign } from '../../../tools/crash/campaign.ts';
import { isBreach } from '../../../tools/crash/check.ts';
import { Instances } from './instance.ts';

const instances = new Instances();
afterAll(() => instances.clear());

/** On a machine that is busy with other tests. */
const TIMEOUT_MS = 240_000;

test(
  'killed again and again, every cash-in and payment is paid once, booked once and told at least once',
  async () => {
    const home = await instances.newHome();
    const report = (): void => undefined;
    const { checks } = await runCampaign({
      home,
      kills: 3,
      cashIns: 20,
      deposits: 6,
      payments: 12,
      seed: 7,
      report,
    });
    expect(checks.filter(isBreach)).toEqual([]);
  },
  TIMEOUT_MS,
);
