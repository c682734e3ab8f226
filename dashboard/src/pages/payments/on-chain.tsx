import { useSession } from '../../api/session.ts';
import { Id } from '../../components/id.tsx';
import { OutsideLink } from '../../components/link.tsx';

interface OnChainProps {
  readonly kind: 'tx' | 'address';
  readonly value: string;
  readonly isWhole?: boolean;
}

/** A hash or address of the chain, with a link to the explorer of the instance when it names one. */
export function OnChain({ kind, value, isWhole = false }: OnChainProps) {
  const { explorerUrl } = useSession().instance;
  return (
    <span className="inline-flex max-w-full flex-wrap items-center gap-x-2">
      <Id id={value} isWhole={isWhole} />
      {explorerUrl !== null && (
        <span className="text-xs">
          <OutsideLink href={`${explorerUrl.replace(/\/$/, '')}/${kind}/${value}`}>Explorer</OutsideLink>
        </span>
      )}
    </span>
  );
}
