import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { buildDashboard } from './browser.ts';

it('loads its first page within the budget, and no page brings too much', () => {
  buildDashboard();
  const tool = fileURLToPath(new URL('../../tools/dashboard-budgets.ts', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [tool], { encoding: 'utf8' });
  expect(status, `${stdout}${stderr}`).toBe(0);
});
