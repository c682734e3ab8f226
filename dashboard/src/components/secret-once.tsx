import { Banner } from './banner.tsx';
import { CopyButton } from './copy-button.tsx';

interface SecretOnceProps {
  readonly label: string;
  readonly secret: string;
  readonly note?: string;
}

/** A secret that the server tells this one time. */
export function SecretOnce({ label, secret, note }: SecretOnceProps) {
  return (
    <div className="grid gap-3">
      <Banner tone="pending" title="Shown this once">
        {note ?? 'Keep it where your server reads its secrets. Nobody can show it again.'}
      </Banner>
      <div className="grid gap-1">
        <span className="text-sm font-medium">{label}</span>
        <div className="flex items-center gap-2 rounded-md border border-line-input bg-sunken py-1.5 pr-1.5 pl-3">
          <code className="min-w-0 flex-1 font-mono text-xs break-all whitespace-pre-line">{secret}</code>
          <CopyButton text={secret} label="Copy" isWide />
        </div>
      </div>
    </div>
  );
}
