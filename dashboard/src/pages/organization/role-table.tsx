import { PERMISSION_NAMES, PERMISSIONS, ROLE_RIGHTS, ROLES } from '@openoms/contract/permissions.ts';
import { Panel } from '../../components/panel.tsx';

const MODES = ['sandbox', 'live'] as const;

/** What each role may do: the very table that the server asks. */
export function RoleTable() {
  return (
    <Panel title="What roles may do" isFlush>
      <ul>
        {ROLES.map((role) => (
          <li
            key={role}
            className="grid gap-x-6 gap-y-2 border-b border-line px-4 py-3 last:border-b-0 md:grid-cols-[minmax(0,1fr)_minmax(0,1.4fr)]"
          >
            <div>
              <p className="text-sm font-medium capitalize">{role}</p>
              <p className="text-xs text-muted">{ROLE_RIGHTS[role].summary}</p>
            </div>
            <dl className="grid content-start gap-1.5">
              {MODES.map((mode) => (
                <div key={mode} className="grid grid-cols-[4.5rem_minmax(0,1fr)] items-baseline gap-2">
                  <dt className="text-xs text-muted capitalize">{mode}</dt>
                  <dd className="flex flex-wrap gap-1">
                    {PERMISSION_NAMES.map((name) => {
                      const isGiven = ROLE_RIGHTS[role][mode].includes(name);
                      return (
                        <span
                          key={name}
                          title={PERMISSIONS[name]}
                          className={
                            isGiven
                              ? 'rounded-sm bg-accent-soft px-1.5 font-mono text-xs text-accent'
                              : 'px-1.5 font-mono text-xs text-muted line-through decoration-line-input'
                          }
                        >
                          {!isGiven && <span className="sr-only">not </span>}
                          {name}
                        </span>
                      );
                    })}
                  </dd>
                </div>
              ))}
            </dl>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
