import { MAGIC_VALUES, type MagicValueRow, SCENARIO_HEADER } from '../contract/magic-values.ts';

const CHAPTERS: Readonly<Record<MagicValueRow['outcome']['kind'], string>> = {
  identity: 'Identity',
  till: 'Cash in',
  cashOrder: 'Cash in',
  cashOut: 'Cash out',
  quote: 'Quotes',
  accountCheck: 'External accounts',
  numberOrder: 'Virtual accounts and deposit addresses',
  screening: 'Screening',
  chain: 'On chain',
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

A request of the operations under "Header" may say the name of a row in \`${SCENARIO_HEADER}\` instead, whatever its fields have:
then the row applies to what the request makes. Of a payment to a bank the transaction's own counts first, then its
account's, then the account number; a name of another rail does nothing. A name that the operation does not take is
refused with 400.
`;

const rowOf = ({ name, operation, field, match, value, header, does, shows }: MagicValueRow): string => {
  const code = (text: string): string => `\`${text}\``;
  const where = `${code(field)} of ${code(operation)} ${WORDS[match]} ${code(value)}`;
  return `| ${code(name)} | ${where} | ${header.map(code).join(', ')} | ${does} | ${shows} |`;
};

/** docs/magic-values.md: the catalogue for people. */
export function magicValuesPage(): string {
  const chapters = [...Map.groupBy(MAGIC_VALUES, ({ outcome }) => outcome.kind)].map(([kind, rows]) =>
    [
      `## ${CHAPTERS[kind]}`,
      '',
      '| Name | Value | Header | Does | Shows |',
      '| --- | --- | --- | --- | --- |',
    ]
      .concat(rows.map(rowOf))
      .concat('')
      .join('\n'),
  );
  return [INTRODUCTION, ...chapters].join('\n');
}
