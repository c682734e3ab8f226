import * as contract from '@openoms/contract/sandbox-clock.ts';
import { preparedRoute, type Route, route } from '../http/operation.ts';
import type { Ids } from '../kernel/ids.ts';
import type { SandboxClocks } from './service.ts';
import { fromTimerCursor, toChange, toClock, toTimer, toTimerCursor } from './view.ts';

const DEFAULT_TIMERS = 50;

export const sandboxClockRoutes = (clocks: SandboxClocks, ids: Ids): readonly Route[] => [
  route(contract.getSandboxClock, async (tx) => toClock(await clocks.get(tx))),
  preparedRoute(
    contract.setSandboxClock,
    ({ body }, { projectId }, key) => clocks.prepare(projectId, body, key ?? ids.next('clockMove')),
    async (tx, { body }, _caller, moveId) => {
      const { state, caused } = await clocks.set(tx, body, moveId);
      return toChange(state, caused);
    },
  ),
  route(contract.listSandboxTimers, async (tx, { query }) => {
    const limit = query.limit ?? DEFAULT_TIMERS;
    const rows = await clocks.listTimers(tx, limit + 1, fromTimerCursor(query.startingAfter));
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      data: page.map(toTimer),
      hasMore: rows.length > limit,
      nextCursor: last ? toTimerCursor(last) : null,
    };
  }),
];
