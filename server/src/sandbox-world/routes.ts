import * as contract from '@openoms/contract/sandbox-world.ts';
import { byCaller } from '../audit/audit.ts';
import { preparedRoute, type Route, route } from '../http/operation.ts';
import { must } from '../kernel/assert.ts';
import { optionalDate } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { SandboxWorlds, Wish } from './service.ts';
import { toSnapshot, toWorld } from './view.ts';

export const sandboxWorldRoutes = (worlds: SandboxWorlds, ids: Ids): readonly Route[] => {
  const change = (
    wish: Wish,
    caller: Parameters<typeof byCaller>[0] & { readonly projectId: string },
    key: string | undefined,
  ) => worlds.change(caller.projectId, wish, key ?? ids.next('worldChange'), byCaller(caller));
  return [
    preparedRoute(
      contract.resetSandbox,
      ({ body }, caller, key) =>
        change({ kind: 'reset', startsAt: optionalDate(body.startsAt), seed: body.seed }, caller, key),
      async (tx, _request, _caller, changeId) => toWorld(await worlds.told(tx, changeId), tx.now()),
    ),
    preparedRoute(
      contract.createSandboxSnapshot,
      ({ body }, caller, key) => change({ kind: 'snapshot', snapshotName: body.name }, caller, key),
      async (tx, _request, _caller, changeId) => {
        const { snapshot_name } = await worlds.told(tx, changeId);
        return toSnapshot(await worlds.getSnapshot(tx, must(snapshot_name, 'a snapshot has a name')));
      },
    ),
    route(contract.listSandboxSnapshots, async (tx) => ({
      data: (await worlds.listSnapshots(tx)).map(toSnapshot),
      hasMore: false,
      nextCursor: null,
      previousCursor: null,
    })),
    preparedRoute(
      contract.restoreSandboxSnapshot,
      ({ params }, caller, key) => change({ kind: 'restore', snapshotName: params.name }, caller, key),
      async (tx, _request, _caller, changeId) => toWorld(await worlds.told(tx, changeId), tx.now()),
    ),
    route(contract.deleteSandboxSnapshot, (tx, { params }, caller) =>
      worlds.deleteSnapshot(tx, params.name, byCaller(caller)),
    ),
  ];
};
