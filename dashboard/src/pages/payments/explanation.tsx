import type { Timeline } from '@openoms/contract/console/timeline.ts';
import { CircleX, Hourglass } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { cx } from '../../components/class-names.ts';

interface ExplanationProps {
  readonly explanation: NonNullable<Timeline['explanation']>;
  readonly isFailure: boolean;
  /** Machine codes, such as `payout_failed` and `R01`. */
  readonly codes: readonly string[];
  /** What can be done about it here. */
  readonly action?: ReactNode;
}

/** Why a payment failed or what it waits for, and what to do, before everything else on its page. */
export function Explanation({ explanation, isFailure, codes, action }: ExplanationProps) {
  const id = useId();
  const { title, detail, nextStep } = explanation;
  const Icon = isFailure ? CircleX : Hourglass;
  return (
    <section
      aria-labelledby={`${id}-what`}
      className={cx(
        'mb-5 grid gap-x-8 gap-y-4 rounded-lg border p-4 sm:p-5 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]',
        isFailure ? 'border-failed/35 bg-failed-soft' : 'border-pending/35 bg-pending-soft',
      )}
    >
      <div className="flex min-w-0 gap-3">
        <Icon
          size={18}
          aria-hidden
          className={cx('mt-0.5 shrink-0', isFailure ? 'text-failed' : 'text-pending')}
        />
        <div className="min-w-0">
          <p id={`${id}-what`} className={cx('text-xs', isFailure ? 'text-failed' : 'text-pending')}>
            {isFailure ? 'Why it failed' : 'What it waits for'}
          </p>
          <h2 className="text-lg">{title}</h2>
          <p className="mt-1 max-w-[65ch] text-sm break-words text-soft">{detail}</p>
          {codes.length > 0 && (
            <ul aria-label="Codes" className="mt-2.5 flex flex-wrap gap-1.5">
              {codes.map((code) => (
                <li key={code}>
                  <span
                    className={cx(
                      'inline-flex h-6 items-center rounded-sm border bg-surface px-1.5 font-mono text-xs',
                      isFailure ? 'border-failed/35 text-failed' : 'border-pending/35 text-pending',
                    )}
                  >
                    {code}
                  </span>
                </li>
              ))}
            </ul>
          )}
        </div>
      </div>
      <div
        className={cx(
          'min-w-0 max-lg:border-t max-lg:pt-4 lg:border-l lg:pl-6',
          isFailure ? 'border-failed/25' : 'border-pending/25',
        )}
      >
        <h3 className="text-sm">What to do</h3>
        <p className="mt-1 text-sm break-words text-soft">{nextStep}</p>
        {action !== undefined && <div className="mt-3 flex flex-wrap gap-2">{action}</div>}
      </div>
    </section>
  );
}
