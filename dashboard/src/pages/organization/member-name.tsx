import { useQuery } from '@tanstack/react-query';
import { peopleQuery } from '../../api/queries.ts';
import { ResourceLink } from '../../components/id.tsx';

export const membersQuery = peopleQuery('GET /members');

/** Somebody by name, linked; by id when they are no member any more. */
export function MemberName({ id }: { readonly id: string }) {
  const { data } = useQuery(membersQuery);
  const member = data?.data.find((each) => each.id === id);
  return <ResourceLink id={id} name={member && (member.name || member.email)} />;
}
