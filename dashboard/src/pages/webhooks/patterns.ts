/** As the server matches them: `*` is one segment, and as the last one or more. */
export function matchesPattern(pattern: string, name: string): boolean {
  const wanted = pattern.split('.');
  const actual = name.split('.');
  const isOpen = wanted.at(-1) === '*';
  if (isOpen ? actual.length < wanted.length : actual.length !== wanted.length) return false;
  return wanted.every((segment, index) => segment === '*' || segment === actual[index]);
}
