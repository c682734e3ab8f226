import { ResourceLink } from '../../components/id.tsx';
import { MemberName } from '../organization/member-name.tsx';

/** `apiKey:sk_…` and `user:usr_…` as links, people by name. */
export function Actor({ actor }: { readonly actor: string }) {
  const at = actor.indexOf(':');
  const [kind, who] = [actor.slice(0, at), actor.slice(at + 1)];
  if (at < 0 || (kind !== 'apiKey' && kind !== 'user'))
    return <span className="font-mono text-xs">{actor}</span>;
  return kind === 'user' ? <MemberName id={who} /> : <ResourceLink id={who} />;
}
