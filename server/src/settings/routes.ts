import * as contract from '@openoms/contract/settings.ts';
import { byCaller } from '../audit/audit.ts';
import { type Route, route } from '../http/operation.ts';
import type { Settings } from './service.ts';
import { toSettings } from './view.ts';

export const settingsRoutes = (settings: Settings): readonly Route[] => [
  route(contract.getSettings, async (tx) => toSettings(await settings.get(tx))),
  route(contract.updateSettings, async (tx, { body }, caller) =>
    toSettings(await settings.update(tx, body, byCaller(caller))),
  ),
];
