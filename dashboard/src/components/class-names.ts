/** Class names that count. Later utilities do not win over earlier ones, so a component takes no classes of its caller that contradict its own. */
export const cx = (...names: readonly (string | false | undefined)[]): string =>
  names.filter(Boolean).join(' ');
