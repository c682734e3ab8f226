import { useProjectRead } from '../../api/queries.ts';
import { ResourceLink } from '../../components/id.tsx';
import { nameOf } from './words.ts';

/** A customer by name, linked; by id until the name is there. For pages, not for the rows of a list. */
export function CustomerName({ id }: { readonly id: string }) {
  const { data } = useProjectRead('GET /customers/:customerId', { params: { customerId: id } });
  return <ResourceLink id={id} name={data && nameOf(data)} />;
}

/** As many as one page of customers has. */
const NEWEST = { query: { limit: 100 } } as const;

/** The same in the rows of a list, which ask once for all of them: the newest customers by name, older ones by id. */
export function ListedCustomer({ id }: { readonly id: string }) {
  const { data } = useProjectRead('GET /customers', NEWEST);
  const customer = data?.data.find((each) => each.id === id);
  return <ResourceLink id={id} name={customer && nameOf(customer)} />;
}
