import type { StreamedChange } from '@openoms/contract/console/project.ts';
import { type InfiniteData, type Query, useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { projectBase } from './client.ts';
import { MAX_PAGES_REFRESHED, projectKey } from './queries.ts';
import { isTouched } from './touched.ts';

/** Changes that come together are shown together. */
const GATHER_MS = 400;

export type LiveState = 'connecting' | 'live' | 'lost';
let state: LiveState = 'connecting';
const listeners = new Set<() => void>();
function setState(next: LiveState): void {
  state = next;
  for (const listener of listeners) listener();
}

export const useLiveState = (): LiveState =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
  );

const isLongList = (query: Query): boolean => {
  const pages = (query.state.data as Partial<InfiniteData<unknown>> | undefined)?.pages;
  return pages !== undefined && pages.length > MAX_PAGES_REFRESHED;
};

/** Reads anew what a change of the project shows in, while the page is open. */
export function useLive(projectId: string | undefined): void {
  const client = useQueryClient();
  useEffect(() => {
    if (projectId === undefined) return;
    setState('connecting');
    const waiting = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refresh = (isEverything: boolean): void => {
      const types = [...waiting];
      waiting.clear();
      timer = undefined;
      const concerns = (query: Query): boolean =>
        isEverything || types.some((type) => isTouched(String(query.queryKey[2]), type));
      const queryKey = projectKey(projectId);
      void client.invalidateQueries({
        queryKey,
        predicate: (query) => concerns(query) && !isLongList(query),
      });
      void client.invalidateQueries({
        queryKey,
        predicate: (query) => concerns(query) && isLongList(query),
        refetchType: 'none',
      });
    };
    const source = new EventSource(`${projectBase(projectId)}/stream`);
    let wasLost = false;
    source.addEventListener('open', () => {
      setState('live');
      // What happened in between was not told.
      if (wasLost) refresh(true);
      wasLost = false;
    });
    source.addEventListener('error', () => {
      wasLost = true;
      setState('lost');
    });
    source.addEventListener('change', (event) => {
      const { type } = JSON.parse(event.data) as StreamedChange;
      waiting.add(type);
      timer ??= setTimeout(() => refresh(false), GATHER_MS);
    });
    return () => {
      clearTimeout(timer);
      source.close();
    };
  }, [client, projectId]);
}
