import { parseArgs } from 'node:util';
import { measureBrowsing } from './dashboard-browsing.ts';

/** Budgets of the dashboard in a browser: `npm run bench:dashboard -- [--rows 100000] [--keep DIRECTORY]`. */
const { values } = parseArgs({
  options: { rows: { type: 'string', default: '100000' }, keep: { type: 'string' } },
});
const figures = await measureBrowsing(Number(values.rows), values.keep);
for (const { name, value, limit, unit } of figures) {
  const figure = `${value.toFixed(limit < 1 ? 3 : 0)} of ${limit} ${unit}`;
  console.log(`${name.padEnd(42)} ${figure}${value > limit ? '  too much' : ''}`);
}
process.exitCode = figures.some(({ value, limit }) => value > limit) ? 1 : 0;
