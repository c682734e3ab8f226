import { useMemo } from 'react';
import { usePages } from '../../api/queries.ts';
import { Select } from '../../components/field.tsx';
import { shortened } from '../../components/id.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { nameOf } from './verdict.tsx';

const ALL = { query: { limit: 100 } } as const;

/** Whose accounts and wallets are chosen from; the address holds it as `customer`. Null until customers are there. */
export function useChosenCustomer() {
  const query = usePages('GET /customers', ALL);
  const [{ customer: wanted }, setState] = useUrlState();
  const customers = useMemo(() => query.data?.pages.flatMap(({ data }) => data), [query.data]);
  const customerId = wanted ?? customers?.[0]?.id;
  const isElsewhere = customers && wanted !== undefined && !customers.some(({ id }) => id === wanted);
  const picker = customers && customers.length > 0 && customerId !== undefined && (
    <Select
      label="Customer"
      value={customerId}
      onValue={(customer) => setState({ customer, to: undefined })}
      options={[
        ...(isElsewhere ? [{ value: wanted, label: shortened(wanted) }] : []),
        ...customers.map((customer) => ({
          value: customer.id,
          label: `${nameOf(customer)} · ${shortened(customer.id)}`,
        })),
      ]}
    />
  );
  return { customerId, picker, hasNone: customers?.length === 0, query };
}
