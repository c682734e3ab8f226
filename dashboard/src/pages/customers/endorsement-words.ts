import type { Endorsement } from '@openoms/contract/customers.ts';

export const ENDORSEMENTS = [
  'basic',
  'cryptoCustody',
  'usd',
] as const satisfies readonly Endorsement['type'][];

const NAMES: Record<Endorsement['type'], string> = { basic: 'Basic', cryptoCustody: 'Custody', usd: 'USD' };
export const endorsementName = (type: Endorsement['type']): string => NAMES[type];

export const ENDORSEMENT_USES: Record<Endorsement['type'], string> = {
  basic: 'Identity checked: what every payment asks for.',
  cryptoCustody: 'May hold wallets whose keys are kept here.',
  usd: 'May move dollars: cash, bank accounts, virtual accounts.',
};

const REQUIREMENTS: Readonly<Record<string, string>> = {
  residentialAddress: 'Residential address',
  phone: 'Phone number',
  birthDate: 'Birth date',
  identifyingInformation: 'Government id',
  firstName: 'First name',
  lastName: 'Last name',
  email: 'Email',
  review: 'Review',
};
export const requirementName = (name: string): string => REQUIREMENTS[name] ?? name;
