import type { Settings } from '@openoms/contract/settings.ts';
import type { ProjectSettings } from './service.ts';

/** A live project has no pace. */
export function toSettings({ mode, pace, ...settings }: ProjectSettings): Settings {
  return { object: 'settings', ...settings, ...(mode === 'sandbox' && { pace }) };
}
