import { useProjectRead } from '../../api/queries.ts';
import { ResourceLink } from '../../components/id.tsx';
import { nameOf } from './words.ts';

/** A customer by name, linked; by id until the name is there. For pages, not for the rows of a list. */
export function CustomerName({ id }: { readonly id: string }) {
  const { data } = useProjectRead('GET /customers/:customerId', { params: { customerId: id } });
  return <ResourceLink id={id} name={data && nameOf(data)} />;
}
