import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';

export type UrlState = Readonly<Record<string, string>>;

/** What the address says behind `?`, and a way to change it: undefined takes a value out. Changes replace the address, so that “back” leaves the page. */
export function useUrlState(): readonly [
  UrlState,
  (change: Readonly<Record<string, string | undefined>>) => void,
] {
  const state = useSearch({ strict: false }) as UrlState;
  const navigate = useNavigate();
  const change = useCallback(
    (next: Readonly<Record<string, string | undefined>>) => {
      void navigate({
        to: '.',
        search: (previous: UrlState) =>
          Object.fromEntries(
            Object.entries({ ...previous, ...next }).filter(
              ([, value]) => value !== undefined && value !== '',
            ),
          ),
        replace: true,
        resetScroll: false,
      } as never);
    },
    [navigate],
  );
  return [state, change];
}
