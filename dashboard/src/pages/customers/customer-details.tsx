import type { Customer } from '@openoms/contract/customers.ts';
import { Breakable } from '../../components/breakable.tsx';
import { Json } from '../../components/code-block.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { DescriptionList } from '../../components/description-list.tsx';
import { Panel } from '../../components/panel.tsx';
import { Status } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { requirementName } from './endorsement-words.ts';

/** What an identity is made of here; the server says what of it is missing, and nothing else of it. */
const IDENTITY_PARTS = ['birthDate', 'residentialAddress', 'phone', 'identifyingInformation'] as const;

/** Who the customer is, as far as it is told; the rest of the identity only whether it is there. */
export function CustomerDetails({ customer }: { readonly customer: Customer }) {
  const { endorsements, metadata, signedAgreementAt } = customer;
  const missing = new Set(endorsements.flatMap(({ requirements }) => requirements.missing));
  const known = endorsements.length > 0;
  return (
    <div className="grid min-w-0 gap-5">
      <Panel title="Identity">
        <DescriptionList
          items={[
            ['First name', customer.firstName ?? null],
            ['Middle name', customer.middleName ?? undefined],
            ['Last name', customer.lastName ?? null],
            ['Email', customer.email ? <Copied key="email" text={customer.email} /> : null],
            ['Phone', customer.phone ? <Copied key="phone" text={customer.phone} /> : null],
            ['Nationality', customer.nationality ?? null],
            ...IDENTITY_PARTS.filter((part) => part !== 'phone' && known).map(
              (part) =>
                [
                  requirementName(part),
                  missing.has(part) ? (
                    <Status key={part} status="Missing" tone="failed" />
                  ) : (
                    <Status key={part} status="On file" tone="done" />
                  ),
                ] as const,
            ),
            [
              'Terms',
              customer.signedAgreement ? (
                signedAgreementAt === null ? (
                  'Accepted'
                ) : (
                  <>
                    Accepted <Time at={signedAgreementAt} />
                  </>
                )
              ) : (
                'Not accepted'
              ),
            ],
          ]}
        />
        <p className="pt-3 text-xs text-muted">
          Birth date, address and government ids are kept encrypted and shown to nobody.
        </p>
      </Panel>
      <Panel title="Details">
        <DescriptionList
          items={[
            [
              'External id',
              customer.externalId ? <Copied key="externalId" text={customer.externalId} /> : null,
            ],
            ['Type', 'Individual'],
            ['Created', <Time key="created" at={customer.createdAt} show="absolute" />],
            ['Changed', <Time key="changed" at={customer.updatedAt} show="absolute" />],
          ]}
        />
      </Panel>
      {Object.keys(metadata).length > 0 && (
        <Panel title="Metadata">
          <Json label="Metadata" value={metadata} />
        </Panel>
      )}
    </div>
  );
}

const Copied = ({ text }: { readonly text: string }) => (
  <span className="inline-flex max-w-full items-center gap-0.5">
    <span className="min-w-0 break-words">
      <Breakable text={text} />
    </span>
    <CopyButton text={text} label="Copy" />
  </span>
);
