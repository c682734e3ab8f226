import { useProjectOrNone } from '../api/session.ts';
import { pageOfId } from '../paths.ts';
import { CopyButton } from './copy-button.tsx';
import { Link } from './link.tsx';
import { Tooltip } from './tooltip.tsx';

const KEPT = 6;

const HASH = /^[0-9a-f]{16,}$/i;

/** Prefix and end of an id, which differ; the middle is the time and says little. Names that somebody gave stay whole. */
export function shortened(id: string): string {
  // Of an account of the ledger: kind, owner and asset.
  if (id.includes(':')) return id.split(':').map(shortened).join(':');
  const [, prefix = '', rest = ''] = /^([A-Za-z]+_(?:sdbx_|live_)?|0x)?(.*)$/.exec(id) ?? [];
  const isDrawn = prefix !== '' || HASH.test(rest);
  return !isDrawn || rest.length <= KEPT + 4 ? id : `${prefix}…${rest.slice(-KEPT)}`;
}

interface IdProps {
  readonly id: string;
  /** In full, as a page shows its own. */
  readonly isWhole?: boolean;
  readonly canCopy?: boolean;
}

/** An id or address: in the mono type, shortened unless asked for whole, with a button that copies all of it. */
export function Id({ id, isWhole = false, canCopy = true }: IdProps) {
  const text = isWhole ? id : shortened(id);
  return (
    <span className="inline-flex max-w-full items-center gap-0.5 font-mono text-xs">
      <span className={isWhole ? 'min-w-0 break-all' : 'whitespace-nowrap'} title={id}>
        {text}
      </span>
      {canCopy && <CopyButton text={id} label={`Copy ${kindOf(id)}`} />}
    </span>
  );
}

const kindOf = (id: string): string => (id.startsWith('0x') ? (id.length > 42 ? 'hash' : 'address') : 'id');

interface ResourceLinkProps {
  readonly id: string;
  /** What people know it by, in place of the id. */
  readonly name?: string | undefined;
}

/** An id as a link to its page; plain text when it has none. */
export function ResourceLink({ id, name }: ResourceLinkProps) {
  const project = useProjectOrNone();
  const page = project && pageOfId(project.id, id);
  const text = name ?? <span className="font-mono text-xs">{shortened(id)}</span>;
  if (page === undefined) return name === undefined ? <Id id={id} /> : <span>{name}</span>;
  return (
    <Tooltip text={<span className="font-mono">{id}</span>}>
      <Link to={page} className="relative z-10">
        {text}
      </Link>
    </Tooltip>
  );
}
