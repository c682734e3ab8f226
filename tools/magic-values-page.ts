import { MAGIC_VALUES, type MagicValueRow } from '../contract/magic-values.ts';

const CHAPTERS: Readonly<Record<MagicValueRow['outcome']['kind'], string>> = {
  identity: 'Identity',
  till: 'Cash in',
  cashOut: 'Cash out',
  bank: 'Payouts to banks',
};

const WORDS: Readonly<Record<MagicValueRow['match'], string>> = {
  equals: 'is',
  endsWith: 'ends with',
  zipCodeEquals: 'names a place with the ZIP code',
};

const INTRODUCTION = `<!-- Written by \`npm run generate\` from contract/magic-values.ts. -->

# Magic values

Values of ordinary fields by which a request tells the simulated outside world of a sandbox project what to do. The
sandbox's providers decide by this very table, \`GET /sandbox/magic-values\` is it as data, and a test runs every row. In a live
project none has an effect. With the pace \`manual\` nothing moves by itself, but for what is refused at once.
`;

const rowOf = ({ field, match, value, outcome, does, shows }: MagicValueRow): string => {
  const where = outcome.kind === 'bank' ? `${outcome.rail}: \`${field}\`` : `\`${field}\``;
  return `| ${where} | ${WORDS[match]} \`${value}\` | ${does} | ${shows} |`;
};

/** docs/magic-values.md: the catalogue for people. */
export function magicValuesPage(): string {
  const chapters = [...Map.groupBy(MAGIC_VALUES, ({ outcome }) => outcome.kind)].map(([kind, rows]) =>
    [`## ${CHAPTERS[kind]}`, '', '| Field | Value | Does | Shows |', '| --- | --- | --- | --- |']
      .concat(rows.map(rowOf))
      .concat('')
      .join('\n'),
  );
  return [INTRODUCTION, ...chapters].join('\n');
}
