import type { QueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { projectQuery, useProjectRead, useProjectWrite } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { Banner } from '../../components/banner.tsx';
import { Button } from '../../components/button.tsx';
import { RadioGroup } from '../../components/choice.tsx';
import { cx } from '../../components/class-names.ts';
import { FormProblem } from '../../components/form-problem.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Panel } from '../../components/panel.tsx';
import { Problem } from '../../components/problem.tsx';
import { SameCall } from '../../components/same-call.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { changeOf, DEFAULTS, type Values, valuesOf } from './draft.ts';
import { LeaveGuard } from './leave-guard.tsx';
import { Fees, Limits } from './money-settings.tsx';
import { ProjectName } from './project-name.tsx';
import { SettingField } from './setting-field.tsx';
import { SettingsDraftProvider, useSetting, useSettingsDraft } from './settings-draft.ts';

export function prefetch(client: QueryClient, { projectId = '' }: Record<string, string>) {
  void client.prefetchQuery(projectQuery(projectId, 'GET /settings', {}));
}

export function Page() {
  const { data, error, refetch } = useProjectRead('GET /settings', {});
  return (
    <>
      <PageHeader
        title="Settings"
        note="What is grey is the default. What exists already, payments, quotes and codes, keeps what applied when it was made."
      />
      <div className="grid gap-6">
        <ProjectName />
        {error && !data ? (
          <Problem error={error} onRetry={() => void refetch()} />
        ) : !data ? (
          <Panel>
            <Skeleton lines={12} />
          </Panel>
        ) : (
          <SettingsForm saved={valuesOf(data)} />
        )}
      </div>
    </>
  );
}

function SettingsForm({ saved }: { readonly saved: Values }) {
  const may = useMay('configure');
  const [changed, setChanged] = useState<Values>({});
  const save = useProjectWrite('PATCH /settings', {
    showsProblem: true,
    done: 'The settings are saved',
    onDone: () => setChanged({}),
  });
  const count = Object.keys(changed).length;
  const set = (path: string, text: string): void =>
    setChanged((before) => {
      const { [path]: _, ...rest } = before;
      return text === saved[path] ? rest : { ...rest, [path]: text };
    });
  const draft = { saved, changed, errors: save.error?.fields ?? {}, may, set };
  return (
    <SettingsDraftProvider value={draft}>
      <LeaveGuard isOn={count > 0} />
      <form
        aria-label="Settings"
        // What has the focus comes to lie above the bar with the buttons.
        className="grid gap-6 [&_input]:scroll-mb-24"
        onSubmit={(event) => {
          event.preventDefault();
          if (may.allowed && count > 0) save.mutate({ body: changeOf(changed) });
        }}
      >
        {!may.allowed && <Banner title="You can see the settings, not change them">{may.reason}</Banner>}
        <General hasPace={saved.pace !== undefined} />
        <Fees />
        <Limits />
        <div
          className={cx(
            'grid gap-3 rounded-lg border px-4 py-3',
            count > 0
              ? 'sticky bottom-2 z-10 border-line-strong bg-raised shadow-lift'
              : 'border-line bg-surface',
          )}
        >
          <FormProblem error={save.error} shown={Object.keys(saved)} />
          {save.error && Object.keys(save.error.fields).length > 0 && <Refused fields={save.error.fields} />}
          <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
            <p role="status" className="mr-auto text-sm text-soft">
              {count === 0
                ? 'Nothing is changed.'
                : count === 1
                  ? 'One change is not saved.'
                  : `${count} changes are not saved.`}
            </p>
            {count > 0 && <SameCall route="PATCH /settings" input={{ body: changeOf(changed) }} />}
            <div className="ml-auto flex gap-2">
              <Button
                unavailable={count === 0 ? 'Nothing is changed.' : undefined}
                onClick={() => {
                  setChanged({});
                  save.reset();
                }}
              >
                Discard
              </Button>
              <Button
                type="submit"
                look="primary"
                may={may}
                unavailable={count === 0 ? 'Nothing is changed.' : undefined}
                isBusy={save.isPending}
              >
                Save
              </Button>
            </div>
          </div>
        </div>
      </form>
    </SettingsDraftProvider>
  );
}

/** Fields may be out of sight: each is named here, too. */
const Refused = ({ fields }: { readonly fields: Readonly<Record<string, string>> }) => (
  <Banner tone="failed" title="It was not saved">
    <ul>
      {Object.entries(fields).map(([field, issue]) => (
        <li key={field}>
          <span className="font-mono text-xs">{field}</span> {issue}
        </li>
      ))}
    </ul>
  </Banner>
);

const PACES = [
  { value: 'auto', label: 'Auto', hint: 'All goes well, within seconds; every state is entered.' },
  { value: 'manual', label: 'Manual', hint: 'Nothing moves until a simulate call says so.' },
  {
    value: 'realistic',
    label: 'Realistic',
    hint: 'As slowly as in reality: cut-offs, weekends, holidays; reviews take their time.',
  },
] as const;
type Pace = (typeof PACES)[number]['value'];

function General({ hasPace }: { readonly hasPace: boolean }) {
  const { may } = useSettingsDraft();
  const pace = useSetting('pace');
  return (
    <Panel title="Quotes and pace">
      <div className="grid gap-x-8 gap-y-5 sm:grid-cols-2">
        <div className="max-w-64">
          <SettingField path="quoteLifetimeSeconds" label="A quote can be executed for" unit="s" />
          <p className="pt-1 text-xs text-muted">From 10 seconds to an hour.</p>
        </div>
        {hasPace && (
          <div>
            <RadioGroup
              label="Pace of the outside world"
              name="pace"
              value={pace.value as Pace}
              onValue={(value) => may.allowed && pace.set(value)}
              options={PACES.map((option) => ({
                ...option,
                label: option.value === DEFAULTS.pace ? `${option.label} (default)` : option.label,
              }))}
            />
            {pace.error !== undefined && <p className="text-xs font-medium text-failed">{pace.error}</p>}
          </div>
        )}
      </div>
    </Panel>
  );
}
