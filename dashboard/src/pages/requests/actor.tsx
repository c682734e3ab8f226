import { ResourceLink } from '../../components/id.tsx';

/** `apiKey:sk_…` and `user:usr_…` as links. */
export function Actor({ actor }: { readonly actor: string }) {
  const at = actor.indexOf(':');
  const [kind, who] = [actor.slice(0, at), actor.slice(at + 1)];
  if (at < 0 || (kind !== 'apiKey' && kind !== 'user'))
    return <span className="font-mono text-xs">{actor}</span>;
  return <ResourceLink id={who} />;
}
