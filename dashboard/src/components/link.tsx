import { Link as RouterLink } from '@tanstack/react-router';
import type { ComponentProps, ReactNode } from 'react';
import { cx } from './class-names.ts';

interface LinkProps extends Omit<ComponentProps<'a'>, 'href' | 'ref' | 'target'> {
  /** Of `paths`, with a query if there is one. */
  readonly to: string;
  readonly children: ReactNode;
  /** `text` is the underlined one within text; `plain` leaves the look to what is in it. */
  readonly look?: 'text' | 'plain';
  /** In place of this address in the history: for what is chosen within a page. */
  readonly replace?: boolean;
  readonly resetScroll?: boolean;
}

/** A page of the dashboard. What it shows is fetched when the pointer or the focus comes near. */
export function Link({ to, look = 'text', className, children, ...rest }: LinkProps) {
  const { pathname, search, hash } = new URL(to, 'http://page');
  return (
    <RouterLink
      to={pathname}
      search={Object.fromEntries(new URLSearchParams(search))}
      {...(hash && { hash: hash.slice(1) })}
      preload="intent"
      className={cx(look === 'text' && LINK_TEXT, className)}
      {...rest}
    >
      {children}
    </RouterLink>
  );
}

const LINK_TEXT =
  'text-accent underline decoration-accent/35 decoration-1 underline-offset-[3px] hover:decoration-accent rounded-sm';

/** A page elsewhere, such as a chain explorer's. */
export function OutsideLink({ href, children }: { readonly href: string; readonly children: ReactNode }) {
  return (
    <a className={LINK_TEXT} href={href} target="_blank" rel="noopener noreferrer">
      {children}
      <span aria-hidden="true"> ↗</span>
      <span className="sr-only"> (opens elsewhere)</span>
    </a>
  );
}
