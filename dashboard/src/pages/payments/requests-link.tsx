import { useProject } from '../../api/session.ts';
import { Link } from '../../components/link.tsx';
import { paths } from '../../paths.ts';

const LOOK =
  'inline-flex h-8 items-center rounded-md border border-line-strong bg-surface px-3 text-sm font-medium hover:bg-hover';

/** To what was asked of the API about a thing, and to what was told of it. */
export function RequestsLink({ resourceId }: { readonly resourceId: string }) {
  const { id } = useProject();
  const query = `?resource=${encodeURIComponent(resourceId)}`;
  return (
    <>
      <Link to={`${paths.requests(id)}${query}`} look="plain" className={LOOK}>
        Requests
      </Link>
      <Link to={`${paths.events(id)}${query}`} look="plain" className={LOOK}>
        Events
      </Link>
    </>
  );
}
