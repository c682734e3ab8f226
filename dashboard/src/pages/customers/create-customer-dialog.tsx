import { type FormEvent, useRef } from 'react';
import { useProjectWrite } from '../../api/queries.ts';
import type { ProjectInput } from '../../api/routes.ts';
import { useProject } from '../../api/session.ts';
import { Button } from '../../components/button.tsx';
import { Checkbox } from '../../components/choice.tsx';
import { Actions, Dialog } from '../../components/dialog.tsx';
import { TextField } from '../../components/field.tsx';
import { FormProblem } from '../../components/form-problem.tsx';
import { ENDORSEMENT_USES, ENDORSEMENTS, endorsementName } from './endorsement-words.ts';

type NewCustomer = NonNullable<ProjectInput<'POST /customers'>['body']>;

/** All that a fiat account needs; nobody's real data. */
export const EXAMPLE: NewCustomer = {
  type: 'individual',
  firstName: 'Jane',
  lastName: 'Smith',
  email: 'jane@example.com',
  phone: '+12125551234',
  birthDate: '1990-05-15',
  nationality: 'US',
  residentialAddress: {
    line1: '123 Main St',
    city: 'New York',
    state: 'NY',
    country: 'US',
    zipCode: '10001',
  },
  identifyingInformation: [{ type: 'ssn', issuingCountry: 'US', number: '123-45-6789' }],
  endorsements: ['basic', 'cryptoCustody', 'usd'],
};

const FIELDS = [
  { name: 'firstName', label: 'First name', example: 'Jane' },
  { name: 'lastName', label: 'Last name', example: 'Smith' },
  { name: 'email', label: 'Email', type: 'email', example: 'jane@example.com' },
  { name: 'phone', label: 'Phone', type: 'tel', hint: 'With country code', example: '+12125551234' },
  { name: 'birthDate', label: 'Birth date', type: 'date', example: '1990-05-15' },
  { name: 'nationality', label: 'Nationality', hint: 'Two letters, such as US', example: 'US' },
  { name: 'line1', path: 'residentialAddress.line1', label: 'Street', example: '123 Main St' },
  { name: 'city', path: 'residentialAddress.city', label: 'City', example: 'New York' },
  { name: 'state', path: 'residentialAddress.state', label: 'State', example: 'NY' },
  { name: 'zipCode', path: 'residentialAddress.zipCode', label: 'Zip code', example: '10001' },
  {
    name: 'country',
    path: 'residentialAddress.country',
    label: 'Country',
    hint: 'Two letters',
    example: 'US',
  },
  {
    name: 'ssn',
    path: 'identifyingInformation.0.number',
    label: 'Social security number',
    hint: 'Kept encrypted, never shown again',
    example: '123-45-6789',
  },
  { name: 'externalId', path: 'externalId', label: 'External id', hint: 'Your own', example: '' },
] as const;

const pathOf = (field: (typeof FIELDS)[number]): string => ('path' in field ? field.path : field.name);

/** What was filled in; what is empty is left out, and shown as missing later. */
function bodyOf(form: HTMLFormElement): NewCustomer {
  const data = new FormData(form);
  const of = (name: string): string | undefined => String(data.get(name) ?? '').trim() || undefined;
  const plain = (
    ['firstName', 'lastName', 'email', 'phone', 'birthDate', 'nationality', 'externalId'] as const
  )
    .map((name) => [name, of(name)] as const)
    .filter(([, value]) => value !== undefined);
  const [line1, city, state, zipCode, country] = ['line1', 'city', 'state', 'zipCode', 'country'].map(of);
  const hasAddress = [line1, city, state, zipCode].some((value) => value !== undefined);
  const number = of('ssn');
  return {
    ...Object.fromEntries(plain),
    endorsements: ENDORSEMENTS.filter((name) => data.get(name) === 'on'),
    ...(hasAddress && {
      residentialAddress: {
        line1: line1 ?? '',
        city: city ?? '',
        state: state ?? '',
        zipCode: zipCode ?? '',
        country: country ?? '',
      },
    }),
    ...(number !== undefined && {
      identifyingInformation: [{ type: 'ssn' as const, issuingCountry: 'US', number }],
    }),
  };
}

interface CreateCustomerDialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onCreated: (id: string) => void;
}

export const CreateCustomerDialog = ({ isOpen, onClose, onCreated }: CreateCustomerDialogProps) => (
  <Dialog
    isOpen={isOpen}
    onClose={onClose}
    title="Create customer"
    note="Nothing is required; what is missing keeps endorsements from being granted."
    width="wide"
  >
    <CustomerForm onClose={onClose} onCreated={onCreated} />
  </Dialog>
);

function CustomerForm({ onClose, onCreated }: Omit<CreateCustomerDialogProps, 'isOpen'>) {
  const { mode } = useProject();
  const form = useRef<HTMLFormElement>(null);
  const create = useProjectWrite('POST /customers', {
    done: 'The customer was created.',
    showsProblem: true,
    onDone: ({ id }) => onCreated(id),
  });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (!create.isPending) create.mutate({ body: bodyOf(event.currentTarget) });
  };
  const fillIn = (): void => {
    for (const { name, example } of FIELDS) {
      const input = form.current?.elements.namedItem(name);
      if (input instanceof HTMLInputElement) input.value = example;
    }
  };
  return (
    <form ref={form} onSubmit={submit} className="grid gap-4" noValidate>
      <div className="grid gap-4 sm:grid-cols-2">
        {FIELDS.map((field) => (
          <TextField
            key={field.name}
            name={field.name}
            label={field.label}
            error={create.error?.fields[pathOf(field)]}
            {...('hint' in field && { hint: field.hint })}
            {...('type' in field && { type: field.type })}
          />
        ))}
      </div>
      <fieldset className="grid gap-0.5">
        <legend className="mb-1 text-sm font-medium">Endorsements to ask for</legend>
        {ENDORSEMENTS.map((name) => (
          <Checkbox
            key={name}
            name={name}
            defaultChecked
            label={endorsementName(name)}
            hint={ENDORSEMENT_USES[name]}
          />
        ))}
      </fieldset>
      <FormProblem error={create.error} shown={FIELDS.map(pathOf)} />
      <Actions>
        {mode === 'sandbox' && (
          <Button look="quiet" onClick={fillIn} className="sm:mr-auto">
            Fill in an example
          </Button>
        )}
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary" isBusy={create.isPending}>
          Create customer
        </Button>
      </Actions>
    </form>
  );
}
