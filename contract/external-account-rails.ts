/**
 * The rails an external account can be on, and what each needs to know of the account: one table, from which come both
 * `GET /external-accounts/schemas` and the rules of `POST /customers/{customerId}/external-accounts`.
 */

export const EXTERNAL_ACCOUNT_TYPES = ['usBank', 'intlBank', 'debitCard', 'blockchainAddress'] as const;
export const EXTERNAL_ACCOUNT_NETWORKS = ['ach', 'wire', 'swift', 'card', 'polygon'] as const;
export const DETAIL_CHECKS = ['routing-number', 'iban', 'card-number', 'eip55-address'] as const;
export const DETAIL_STORAGES = ['plain', 'masked', 'discarded'] as const;

export type ExternalAccountType = (typeof EXTERNAL_ACCOUNT_TYPES)[number];
export type ExternalAccountNetwork = (typeof EXTERNAL_ACCOUNT_NETWORKS)[number];

export type DetailName =
  | 'accountNumber'
  | 'routingNumber'
  | 'accountType'
  | 'bankName'
  | 'iban'
  | 'swiftCode'
  | 'country'
  | 'cardNumber'
  | 'expiryMonth'
  | 'expiryYear'
  | 'address';

/** One field of `bankDetails`; always a string. */
export interface DetailField {
  readonly name: DetailName;
  readonly label: string;
  readonly required: boolean;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly maxLength?: number;
  /** What the value must satisfy beyond its pattern; in the request's schema, its format. */
  readonly check?: (typeof DETAIL_CHECKS)[number];
  /** `plain`: kept and returned. `masked`: kept encrypted, returned by its end. `discarded`: checked, never kept. */
  readonly storage: (typeof DETAIL_STORAGES)[number];
  readonly example?: string;
}

/**
 * `countries` is null for a rail of no country. Of several rails of one type and network, one with a field `country`
 * is meant when that field names one of its countries; the first one otherwise.
 */
export interface Rail {
  readonly type: ExternalAccountType;
  readonly network: ExternalAccountNetwork;
  readonly countries: readonly string[] | null;
  readonly currency: 'usd' | 'usdc';
  readonly fields: readonly DetailField[];
}

/** Characters of an IBAN by country (ISO 13616). */
const IBAN_LENGTHS: ReadonlyMap<string, number> = new Map(
  `
    AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27
    DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28
    IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22
    MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24
    SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30
  `
    .trim()
    .split(/\s+/)
    .map((each) => [each.slice(0, 2), Number(each.slice(2))]),
);

/** Where SWIFT payments name the account by a number of the bank's own. */
const ACCOUNT_NUMBER_COUNTRIES = ['AU', 'CA', 'HK', 'IN', 'JP', 'KR', 'MX', 'NZ', 'PH', 'SG', 'TH', 'ZA'];

/** Country, two check digits, and the rest up to the country's length. */
const ibanForm = (country: string): string =>
  `${country}[0-9]{2}[0-9A-Z]{${(IBAN_LENGTHS.get(country) ?? 0) - 4}}`;

const BANK_NAME: DetailField = {
  name: 'bankName',
  label: 'Bank name',
  required: false,
  pattern: '^[^\\u0000-\\u001f\\u007f]+$',
  maxLength: 100,
  storage: 'plain',
  example: 'Chase',
};

/** Five digits or more, so that the four shown are never all of them; 17 is what an ACH entry holds. */
const US_ACCOUNT_NUMBER: DetailField = {
  name: 'accountNumber',
  label: 'Account number',
  required: true,
  pattern: '^[0-9]{5,17}$',
  storage: 'masked',
  example: '000123456789',
};

/** The first two digits are of a Federal Reserve district, of a thrift or an electronic one of it, or 80. */
const ROUTING_NUMBER: DetailField = {
  name: 'routingNumber',
  label: 'Routing number',
  required: true,
  pattern: '^(0[0-9]|1[0-2]|2[1-9]|3[0-2]|6[1-9]|7[0-2]|80)[0-9]{7}$',
  check: 'routing-number',
  storage: 'plain',
  example: '021000021',
};

const ACCOUNT_TYPE: DetailField = {
  name: 'accountType',
  label: 'Account type',
  required: true,
  enum: ['checking', 'savings'],
  storage: 'plain',
  example: 'checking',
};

const IBAN: DetailField = {
  name: 'iban',
  label: 'IBAN',
  required: true,
  pattern: `^(${[...IBAN_LENGTHS.keys()].map(ibanForm).join('|')})$`,
  check: 'iban',
  storage: 'masked',
  example: 'DE89370400440532013000',
};

const COUNTRY: DetailField = {
  name: 'country',
  label: 'Country of the bank',
  required: true,
  enum: ACCOUNT_NUMBER_COUNTRIES,
  storage: 'plain',
  example: 'CA',
};

const ACCOUNT_NUMBER: DetailField = {
  name: 'accountNumber',
  label: 'Account number',
  required: true,
  pattern: '^[0-9A-Z]{5,34}$',
  storage: 'masked',
  example: '00012345678',
};

/** ISO 9362: institution, country, location and, if any, branch. */
const SWIFT_CODE: DetailField = {
  name: 'swiftCode',
  label: 'SWIFT code (BIC)',
  required: true,
  pattern: '^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$',
  storage: 'plain',
  example: 'COBADEFFXXX',
};

const CARD_FIELDS: readonly DetailField[] = [
  {
    name: 'cardNumber',
    label: 'Card number',
    required: true,
    pattern: '^[0-9]{12,19}$',
    check: 'card-number',
    storage: 'discarded',
    example: '4242424242424242',
  },
  {
    name: 'expiryMonth',
    label: 'Month of expiry',
    required: true,
    pattern: '^(0[1-9]|1[0-2])$',
    storage: 'plain',
    example: '12',
  },
  {
    name: 'expiryYear',
    label: 'Year of expiry',
    required: true,
    pattern: '^20[0-9]{2}$',
    storage: 'plain',
    example: '2040',
  },
];

const ADDRESS: DetailField = {
  name: 'address',
  label: 'Address',
  required: true,
  pattern: '^0x[0-9a-fA-F]{40}$',
  check: 'eip55-address',
  storage: 'plain',
  example: '0x52908400098527886E0F7030069857D2E4169EE7',
};

export const RAILS: readonly Rail[] = [
  {
    type: 'usBank',
    network: 'ach',
    countries: ['US'],
    currency: 'usd',
    fields: [US_ACCOUNT_NUMBER, ROUTING_NUMBER, ACCOUNT_TYPE, BANK_NAME],
  },
  {
    type: 'usBank',
    network: 'wire',
    countries: ['US'],
    currency: 'usd',
    fields: [
      US_ACCOUNT_NUMBER,
      ROUTING_NUMBER,
      { ...ACCOUNT_TYPE, required: false },
      { ...BANK_NAME, required: true },
    ],
  },
  {
    type: 'intlBank',
    network: 'swift',
    countries: [...IBAN_LENGTHS.keys()],
    currency: 'usd',
    fields: [IBAN, SWIFT_CODE, BANK_NAME],
  },
  {
    type: 'intlBank',
    network: 'swift',
    countries: ACCOUNT_NUMBER_COUNTRIES,
    currency: 'usd',
    fields: [COUNTRY, ACCOUNT_NUMBER, SWIFT_CODE, BANK_NAME],
  },
  { type: 'debitCard', network: 'card', countries: ['US'], currency: 'usd', fields: CARD_FIELDS },
  {
    type: 'blockchainAddress',
    network: 'polygon',
    countries: null,
    currency: 'usdc',
    fields: [ADDRESS],
  },
];

/** The fields of a rail as they are in one of its countries. */
export const fieldsIn = (rail: Rail, country: string | null): readonly DetailField[] =>
  rail.fields.map((field) => {
    if (country !== null && field.name === 'country') return { ...field, enum: [country], example: country };
    if (country !== null && field.name === 'iban') return ibanOf(field, country);
    return field;
  });

function ibanOf({ example, ...field }: DetailField, country: string): DetailField {
  const pattern = `^${ibanForm(country)}$`;
  return example?.startsWith(country) ? { ...field, pattern, example } : { ...field, pattern };
}
