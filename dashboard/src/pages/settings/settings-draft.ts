import { createContext, useContext } from 'react';
import type { May } from '../../api/session.ts';
import type { Values } from './draft.ts';

export interface SettingsDraft {
  /** What the server has. */
  readonly saved: Values;
  /** What is changed and not saved. */
  readonly changed: Values;
  readonly errors: Readonly<Record<string, string>>;
  readonly may: May;
  set(path: string, text: string): void;
}

const Context = createContext<SettingsDraft | undefined>(undefined);
export const SettingsDraftProvider = Context.Provider;

export function useSettingsDraft(): SettingsDraft {
  const draft = useContext(Context);
  if (!draft) throw new Error('this is below the settings');
  return draft;
}

export interface Setting {
  readonly value: string;
  readonly isChanged: boolean;
  readonly error: string | undefined;
  readonly set: (text: string) => void;
}

export function useSetting(path: string): Setting {
  const { saved, changed, errors, set } = useSettingsDraft();
  return {
    value: changed[path] ?? saved[path] ?? '',
    isChanged: changed[path] !== undefined,
    error: errors[path],
    set: (text) => set(path, text),
  };
}
