import type { ExamCase, Finding } from '../case.ts';
import { describe, expectAccepted } from '../judgement.ts';
import type { Kit } from '../kit.ts';
import { accepted, postInTurn } from '../probes.ts';
import { namesOf } from '../samples.ts';
import { withCapitals, withHeader } from '../tampering.ts';

const ACCEPTS = 'answers 2xx';
const PROMPT_SHARE = 3;
const PROMPT_TRIES = 3;

const ONE_ENDPOINT =
  'One endpoint gets events of every name that it subscribed to: all of them, when it named none.';

const genuine = accepted(async (kit) => kit.sign(kit.event()));

/** A case that sends each event of the catalogue whose name begins so. */
function family(id: ExamCase['id'], subject: string, prefixes: readonly string[], why: string): ExamCase {
  const names = namesOf(prefixes);
  return {
    id,
    title: `Accepts the events of ${subject}`,
    sent: `${names.length} genuine events: ${names.map((name) => `\`${name}\``).join(', ')}`,
    expected: `${ACCEPTS} to each`,
    why,
    mend: 'Branch on `event`, and read only fields that are there for its kind of `data`.',
    fault: `does not accept every event of ${subject}`,
    severity: 'must',
    probe: accepted((kit) => Promise.all(names.map((name) => kit.sign(kit.event(name))))),
  };
}

export const BASICS: readonly ExamCase[] = [
  {
    id: 'basics.direct',
    title: 'Answers at its URL, without a redirect',
    sent: 'a genuine `cashIn.completed`',
    expected: 'answers itself, not 3xx',
    why: 'OpenOMS follows no redirect, because one could lead into a private network: a 3xx is a failed delivery.',
    mend: 'Register the URL that the redirect leads to. Mind http against https and the slash at the end.',
    fault: 'answers with a redirect',
    severity: 'must',
    isGate: true,
    probe: async (kit) => {
      const finding = await genuine(kit);
      return finding?.kind === 'redirect' || finding?.kind === 'unreachable' ? finding : undefined;
    },
  },
  {
    id: 'basics.genuine',
    title: 'Accepts a genuine event',
    sent: 'a genuine `cashIn.completed`',
    expected: ACCEPTS,
    why: 'Anything else is a failed delivery, repeated for about three days and then given up.',
    mend: 'Compute the HMAC-SHA256 of `<t>.<raw body>` under the UTF-8 bytes of the whole `whsec_…` secret and compare it with `v1`. See that the secret is that of this webhook, the path accepts POST, and the clock is right.',
    fault: 'does not accept a genuine event',
    severity: 'must',
    isGate: true,
    probe: genuine,
  },
  family('basics.cash-ins', 'cash-ins', ['cashIn.'], ONE_ENDPOINT),
  family('basics.transactions', 'transactions', ['transaction.'], ONE_ENDPOINT),
  family(
    'basics.customers',
    'customers',
    ['customer.'],
    'In events, unlike in answers of the API, `endorsements` is a list of names.',
  ),
  family('basics.wallets', 'wallets', ['wallet.'], ONE_ENDPOINT),
  family('basics.external-accounts', 'external accounts', ['externalAccount.'], ONE_ENDPOINT),
  family('basics.virtual-accounts', 'virtual accounts', ['virtualAccount.'], ONE_ENDPOINT),
  family(
    'basics.deposit-addresses',
    'deposit addresses',
    ['depositAddress.', 'deposit_address.'],
    'The names of these have two forms, as documented: `depositAddress.paused`, `deposit_address.crypto_deposit.settled`.',
  ),
  family(
    'basics.webhooks',
    'the webhook itself',
    ['webhook.'],
    '`webhook.test` is what you ask for to see that all is well.',
  ),
  {
    id: 'basics.prompt',
    title: 'Answers promptly',
    sent: 'three genuine events, one after the other',
    expected: 'answers at least one within a third of the time limit, five seconds of fifteen',
    why: 'What is slow when all is well is too slow under load. A late answer is a failed delivery, so the work is done twice.',
    mend: 'Verify, store the delivery, answer 2xx; do the work afterwards, from what was stored.',
    fault: 'answers slowly, as one that does its work before it answers',
    severity: 'should',
    probe: prompt,
  },
  {
    id: 'basics.charset',
    title: 'Accepts a charset in the content type',
    sent: 'a genuine event as `application/json; charset=utf-8`',
    expected: ACCEPTS,
    why: 'It means the same, and a proxy on the way may add it.',
    mend: 'Do not compare the content type as a whole; best read the raw body whatever its type.',
    fault: 'refuses a content type with a charset',
    severity: 'should',
    probe: accepted(async (kit) =>
      withHeader(await kit.sign(kit.event()), 'content-type', 'application/json; charset=utf-8'),
    ),
  },
  {
    id: 'basics.header-case',
    title: 'Reads header names in any case',
    sent: 'a genuine event with `Webhook-Signature`, `Webhook-Id` and so on in capitals',
    expected: ACCEPTS,
    why: 'Header names do not differ by case, and a proxy on the way may write them in another.',
    mend: 'Read headers through your framework, or lower their names first.',
    fault: 'finds its headers in one spelling only',
    severity: 'should',
    probe: accepted(async (kit) => withCapitals(await kit.sign(kit.event()))),
  },
];

async function prompt(kit: Kit): Promise<Finding | undefined> {
  const deliveries = [];
  for (let n = 0; n < PROMPT_TRIES; n += 1) deliveries.push(await kit.sign(kit.event()));
  const exchanges = await postInTurn(kit, deliveries);
  const failed = expectAccepted(exchanges);
  if (failed) return failed;
  const [fastest] = exchanges.toSorted((a, b) => a.durationMs - b.durationMs);
  if (!fastest || fastest.durationMs <= kit.timeoutMs / PROMPT_SHARE) return undefined;
  return { kind: 'slow', got: `at the fastest ${describe(fastest)}`, exchanges: [fastest] };
}
