import type { Page } from 'playwright-core';

/** More than a page has; a focus that never gets round is trapped. */
const MAX_STOPS = 400;

/**
 * In the page: what can be worked, where it stands, and what Tab came to. Of a group that arrows move within (radios,
 * tabs, rows) one member is enough.
 */
const PREPARE = `(() => {
  const scope = document.querySelector('dialog[open]') ?? document.querySelector('main');
  const CONTROLS = 'a[href], button, input, select, textarea, summary, [tabindex]';
  const isThere = (each) => each.checkVisibility({ visibilityProperty: true }) && !each.closest('[inert]')
    && !each.matches(':disabled') && each.getBoundingClientRect().width > 0;
  const nameOf = (each) => (each.getAttribute('aria-label') ?? each.textContent ?? '').trim().slice(0, 40)
    + ' <' + each.tagName.toLowerCase() + ' ' + (each.getAttribute('href') ?? each.id ?? '') + '>';
  const stops = [...scope.querySelectorAll(CONTROLS)].filter((each) => isThere(each) && each.tabIndex >= 0);
  const groupOf = (each) => each.type === 'radio' ? 'radio ' + each.name : each;
  const reached = new Set();
  const unseen = new Set();
  const isMarked = (each) => {
    for (let at = each, depth = 0; at && depth < 4; at = at.parentElement, depth++) {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(at);
      if (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) return true;
      if (depth === 0 && boxShadow !== 'none') return true;
    }
    return false;
  };
  window.keyboardWalk = {
    last: undefined,
    /** Whether it is round. */
    note() {
      const each = document.activeElement;
      // A field of a date has several stops of its own.
      if (each === this.last || each === scope) return false;
      const isOutside = !scope.contains(each);
      if (isOutside && scope.tagName === 'MAIN') return this.last !== undefined;
      if (isOutside) return false;
      if (reached.has(each)) return true;
      this.last = each;
      reached.add(each).add(groupOf(each));
      if (!isMarked(each)) unseen.add(nameOf(each));
      return false;
    },
    faults() {
      const missed = stops.filter((each) => each.isConnected && isThere(each) && !reached.has(groupOf(each)));
      const dead = [...scope.querySelectorAll('*')].filter((each) => isThere(each)
        && getComputedStyle(each).cursor === 'pointer' && !each.closest(CONTROLS + ', label, option')
        && !each.querySelector(CONTROLS));
      return [
        ...missed.map((each) => 'Tab does not reach ' + nameOf(each)),
        ...[...unseen].map((name) => 'no focus is seen on ' + name),
        ...dead.map((each) => 'only a pointer works ' + nameOf(each)),
      ];
    },
  };
  if (scope.tagName === 'MAIN') scope.focus();
  keyboardWalk.note();
})()`;

/** What of the page, or of the dialog that is open, does not work by the keyboard alone. */
export async function unreachableOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(PREPARE);
  for (let stop = 0; stop < MAX_STOPS; stop++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate('keyboardWalk.note()'))
      return (await page.evaluate('keyboardWalk.faults()')) as string[];
  }
  return ['Tab never gets round'];
}
