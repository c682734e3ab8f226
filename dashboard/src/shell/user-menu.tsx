import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { LogOut, Moon, Sun, SunMoon, UserRound } from 'lucide-react';
import { useState } from 'react';
import { callPeople } from '../api/client.ts';
import { problemOf } from '../api/problem.ts';
import { useSession } from '../api/session.ts';
import { Menu, MenuGroup, MenuItem, MenuSeparator } from '../components/menu.tsx';
import { toast } from '../components/toast.tsx';
import { paths } from '../paths.ts';
import { currentTheme, setTheme, THEMES } from './theme.ts';

const ICONS = { system: SunMoon, light: Sun, dark: Moon } as const;

/** Ends the session and forgets all that was read in it. */
function useSignOut(): () => Promise<void> {
  const client = useQueryClient();
  const navigate = useNavigate();
  return async () => {
    try {
      await callPeople('DELETE /session');
    } catch (error) {
      if (problemOf(error).status !== 401) {
        toast({ title: problemOf(error).message, tone: 'failed' });
        return;
      }
    }
    await navigate({ to: paths.signIn() });
    client.clear();
  };
}

export function UserMenu() {
  const { user, role } = useSession();
  const [theme, setShown] = useState(currentTheme);
  const navigate = useNavigate();
  const signOut = useSignOut();
  return (
    <Menu
      label="Account"
      align="start"
      trigger={
        <button
          type="button"
          className="flex h-10 w-full items-center gap-2.5 rounded-md px-2 text-left hover:bg-hover"
        >
          <span
            aria-hidden="true"
            className="inline-flex size-6 items-center justify-center rounded-full bg-accent-soft text-2xs font-semibold text-accent"
          >
            {(user.name || user.email).charAt(0).toUpperCase()}
          </span>
          <span className="min-w-0 flex-1">
            <span className="block truncate text-sm">{user.name || user.email}</span>
            <span className="block truncate text-2xs text-muted capitalize">{role}</span>
          </span>
          <span className="sr-only">Account menu</span>
        </button>
      }
    >
      <MenuItem
        icon={<UserRound size={14} aria-hidden />}
        onSelect={() => void navigate({ to: paths.account() })}
      >
        Account
      </MenuItem>
      <MenuSeparator />
      <MenuGroup label="Theme">
        {THEMES.map((option) => {
          const Icon = ICONS[option];
          return (
            <MenuItem
              key={option}
              icon={<Icon size={14} aria-hidden />}
              isCurrent={option === theme}
              onSelect={() => {
                setTheme(option);
                setShown(option);
              }}
            >
              <span className="capitalize">{option}</span>
            </MenuItem>
          );
        })}
      </MenuGroup>
      <MenuSeparator />
      <MenuItem icon={<LogOut size={14} aria-hidden />} onSelect={() => void signOut()}>
        Sign out
      </MenuItem>
    </Menu>
  );
}
