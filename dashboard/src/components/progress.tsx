interface ProgressProps {
  readonly label: string;
  /** Undefined: how much there is, is not known. */
  readonly value?: number | undefined;
  readonly max?: number;
}

/** Long work, and how far it is. */
export function Progress({ label, value, max = 100 }: ProgressProps) {
  const isKnown = value !== undefined && max > 0;
  return (
    <div className="grid gap-1.5">
      <div className="flex justify-between gap-4 text-xs text-soft">
        <span>{label}</span>
        {isKnown && (
          <span className="figures">
            {value.toLocaleString('en')} of {max.toLocaleString('en')}
          </span>
        )}
      </div>
      <progress
        aria-label={label}
        {...(isKnown && { value, max })}
        className="h-1 w-full appearance-none overflow-hidden rounded-full bg-hover [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-hover [&::-webkit-progress-value]:bg-accent"
      />
    </div>
  );
}
