import * as contract from '@openoms/contract/sandbox-trouble.ts';
import { preparedRoute, type Route, route } from '../http/operation.ts';
import type { RuleRow } from '../trouble/store.ts';
import type { Trouble } from '../trouble/trouble.ts';
import type { SandboxTroubles } from './service.ts';
import { toNewRule, toTrouble } from './view.ts';

export const sandboxTroubleRoutes = (troubles: SandboxTroubles, trouble: Trouble): readonly Route[] => {
  const view = (row: RuleRow) => toTrouble(row, trouble.isOn(row));
  return [
    preparedRoute(
      contract.createSandboxTrouble,
      async ({ body }, { projectId }) => {
        const rule = toNewRule(body);
        await trouble.announce(projectId);
        return rule;
      },
      async (tx, _request, _caller, rule) => view(await troubles.create(tx, rule)),
    ),
    route(contract.listSandboxTrouble, async (tx) => ({
      data: (await trouble.list(tx)).map(view),
      hasMore: false,
    })),
    route(contract.deleteSandboxTrouble, (tx, { params }) => trouble.delete(tx, params.troubleId)),
    route(contract.deleteAllSandboxTrouble, (tx) => trouble.deleteAll(tx)),
  ];
};
