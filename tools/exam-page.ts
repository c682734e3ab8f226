import { CASES } from '../cli/src/exam/cases.ts';
import { toCatalogue } from '../cli/src/exam/text.ts';

const HEADING = '## The cases\n\n';

/** docs/check-webhook.md as it is, with the cases of the exam as they are. */
export function examPage(page: string): string {
  const [written = ''] = page.split(HEADING);
  return `${written}${HEADING}${toCatalogue(CASES)}\n`;
}
