import Type from 'typebox';

const MAX_PATTERN_LENGTH = 100;

/** The name of an event, or a pattern of names. */
export const EventPattern = (options: { readonly description?: string } = {}) =>
  Type.String({
    maxLength: MAX_PATTERN_LENGTH,
    pattern: '^(\\*|[A-Za-z_]+)(\\.(\\*|[A-Za-z_]+)){0,3}$',
    examples: ['transaction.*.failed', 'cashIn.*'],
    ...options,
  });

/** `*` stands for one segment, and as the last segment for one or more (contract section 4). */
export function matchesEventPattern(pattern: string, name: string): boolean {
  const wanted = pattern.split('.');
  const actual = name.split('.');
  const isOpen = wanted.at(-1) === '*';
  if (isOpen ? actual.length < wanted.length : actual.length !== wanted.length) return false;
  return wanted.every((segment, index) => segment === '*' || segment === actual[index]);
}
