import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createWorld, type World } from '../../test/world.ts';
import { type BankBed, createBankBed, IBAN_ACCOUNT, US_ACCOUNT } from './bank-bed.testing.ts';
import type { BankEvent } from './provider.ts';

let world: World;
let bed: BankBed;

beforeAll(async () => {
  world = await createWorld();
  bed = createBankBed(world);
});
beforeEach(() => {
  bed.setPace('auto');
  bed.setDetails(US_ACCOUNT);
  Object.assign(bed.faults, { lostAnswers: 0, failingHandlers: 0 });
});
afterAll(() => world.close({ expectFailures: true }));

const apply = (...events: BankEvent[]): Promise<void> => bed.tx((tx) => bed.bank.applyEvents(tx, events));

/** A payout that is with the bank and moves when told. */
async function submitted(): Promise<string> {
  bed.setPace('manual');
  const payoutId = await bed.payout();
  await bed.drain();
  expect(await bed.statusOf(payoutId)).toBe('submitted');
  return payoutId;
}

describe('a payout', () => {
  it.each([
    ['ach', US_ACCOUNT, 'traceNumber', /^12399999[0-9]{7}$/],
    ['wire', US_ACCOUNT, 'imad', /^20[0-9]{6}OPENOMS1[0-9]{6}$/],
    ['swift', IBAN_ACCOUNT, 'uetr', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
  ] as const)(
    'goes out by %s and is told to its owner once, with its reference',
    async (rail, to, name, form) => {
      bed.setDetails(to);
      const resourceId = `txn-${rail}`;
      const payoutId = await bed.payout({ rail, resourceId });
      await bed.drain();
      expect(await bed.statusOf(payoutId)).toBe('settled');
      expect(bed.toldOf(payoutId)).toEqual(['settled']);
      expect(bed.told.settled.at(-1)).toMatchObject({
        payoutId,
        rail,
        amountMinor: 12_345n,
        purpose: 'test',
        resourceId,
        externalAccountId: 'cpUsBank_test',
        reference: { [name]: expect.stringMatching(form) },
      });
      expect(bed.submissions.at(-1)).toMatchObject({ payoutId, rail, details: to });
    },
  );

  it('exists only if its owner commits', async () => {
    const before = bed.submissions.length;
    await expect(
      bed.tx(async (tx) => {
        await bed.bank.requestPayouts(tx, [bed.request()]);
        throw new Error('the owner changes its mind');
      }),
    ).rejects.toThrow('changes its mind');
    await bed.drain();
    expect(bed.submissions.length).toBe(before);
  });

  it('is ordered by the batch, with ids in the order of the requests', async () => {
    const requests = [bed.request({ amountMinor: 1n }), bed.request({ amountMinor: 2n }), bed.request()];
    const ids = await bed.tx((tx) => bed.bank.requestPayouts(tx, requests));
    await bed.drain();
    for (const [index, request] of requests.entries()) {
      const row = await bed.tx((tx) => bed.bank.findPayoutOf(tx, 'test', request.resourceId));
      expect(row).toMatchObject({ payout_id: ids[index], amount: request.amountMinor, status: 'settled' });
    }
  });

  it('is one at a time for a resource, and may be ordered again after it failed', async () => {
    const first = await submitted();
    const resourceId = (await bed.tx((tx) => bed.bank.findPayout(tx, first)))?.resource_id ?? '';
    await expect(bed.payout({ resourceId })).rejects.toThrow(/bank_payouts_once/);
    await bed.tx((tx) => bed.sandbox.returnPayout(tx, first, 'R03'));
    const second = await bed.payout({ resourceId });
    expect((await bed.tx((tx) => bed.bank.findPayoutOf(tx, 'test', resourceId)))?.payout_id).toBe(second);
    await bed.drain();
  });

  it('is not seen by another project', async () => {
    const payoutId = await submitted();
    const { projectId } = await world.newProject();
    const { db } = world.context;
    expect(await db.tx(projectId, (tx) => bed.bank.findPayout(tx, payoutId))).toBeUndefined();
    const settle = db.tx(projectId, (tx) => bed.sandbox.settle(tx, payoutId));
    await expect(settle).rejects.toMatchObject({ status: 404, code: 'not_found' });
  });

  it('that the bank cannot route fails and was never paid', async () => {
    bed.setDetails({ ...US_ACCOUNT, routingNumber: '011000016' });
    const payoutId = await bed.payout();
    await bed.drain();
    expect(bed.toldOf(payoutId)).toEqual(['failed']);
    expect(bed.told.failed.at(-1)).toMatchObject({
      rejectCode: 'R28',
      reason: 'Routing number check digit error',
    });
    expect(bed.told.failed.at(-1)).not.toHaveProperty('returnCode');
  });
});

describe('what is lost on the way', () => {
  it('an answer to a submission: asked again, the bank has paid once', async () => {
    bed.setPace('manual');
    bed.faults.lostAnswers = 3;
    const payoutId = await bed.payout();
    const before = bed.submissions.length;
    for (let round = 0; round < 4; round++) await bed.drainRetries();
    expect(bed.submissions.length - before).toBe(4);
    expect(await bed.statusOf(payoutId)).toBe('submitted');
    await bed.tx((tx) => bed.sandbox.settle(tx, payoutId));
    expect(bed.toldOf(payoutId)).toEqual(['settled']);
    const paid = await world.sql('select from sandbox_bank_payments where payment_id = $1', [payoutId]);
    expect(paid.length).toBe(1);
  });

  it('an answer the bank has overtaken: settled before we knew it was taken', async () => {
    bed.faults.lostAnswers = 1;
    const payoutId = await bed.payout();
    await bed.drain();
    const row = await bed.tx((tx) => bed.bank.findPayout(tx, payoutId));
    expect(row).toMatchObject({ status: 'settled', provider: 'sandbox-bank' });
    expect(row?.reference).toMatch(/^[0-9]{15}$/);
    await bed.drainRetries();
    expect(bed.toldOf(payoutId)).toEqual(['settled']);
  });

  it('an owner that fails: nothing of the result is kept, and it comes again', async () => {
    const payoutId = await bed.payout();
    bed.faults.failingHandlers = 1;
    await bed.drain();
    expect(await bed.statusOf(payoutId)).toBe('submitted');
    await bed.drainRetries();
    expect(bed.toldOf(payoutId)).toEqual(['settled']);
  });

  it('an answer to the return of a credit: it goes back once', async () => {
    await bed.tx((tx) =>
      bed.sandbox.receive(tx, { accountNumber: '100000000001', rail: 'ach', amountMinor: 5n }),
    );
    const creditId = bed.told.received.at(-1)?.creditId ?? '';
    bed.setPace('manual');
    bed.faults.lostAnswers = 2;
    await bed.tx((tx) => bed.bank.returnCredits(tx, [creditId], { code: 'R03', text: 'No account' }));
    for (let round = 0; round < 3; round++) await bed.drainRetries();
    expect(bed.faults.lostAnswers).toBe(0);
    await bed.tx((tx) => bed.sandbox.settle(tx, creditId));
    expect(bed.told.sentBack.filter((each) => each.creditId === creditId).length).toBe(1);
  });
});

describe('events of a bank', () => {
  const settledEvent = (payoutId: string, id = 'settled'): BankEvent => ({
    provider: 'sandbox-bank',
    providerEventId: `${payoutId}/${id}`,
    kind: 'payoutSettled',
    payoutId,
    reference: '123456789012345',
  });
  const returnedEvent = (payoutId: string, id = 'returned'): BankEvent => ({
    provider: 'sandbox-bank',
    providerEventId: `${payoutId}/${id}`,
    kind: 'payoutReturned',
    payoutId,
    code: 'R02',
    reason: 'Account closed',
  });
  const rejectedEvent = (payoutId: string): BankEvent => ({
    provider: 'other-bank',
    providerEventId: `${payoutId}/rejected`,
    kind: 'payoutRejected',
    payoutId,
    code: 'R13',
    reason: 'no such bank',
  });
  const acceptedEvent = (payoutId: string): BankEvent => ({
    provider: 'other-bank',
    providerEventId: `${payoutId}/accepted`,
    kind: 'payoutAccepted',
    payoutId,
    reference: '123456789012345',
    effectiveAt: world.clock.now(),
  });
  const contradictions = async (payoutId: string) =>
    (await world.sql('select kind, found from bank_contradictions where subject_id = $1', [payoutId])) as {
      kind: string;
      found: string;
    }[];

  /** Payouts of a bank of the test's own, which the oracle does not compare with the sandbox's. */
  async function elsewhere(): Promise<string> {
    const payoutId = await bed.payout();
    await world.sql(`delete from jobs where payload->>'payoutId' = $1`, [payoutId]);
    return payoutId;
  }
  const ofOtherBank = (event: BankEvent): BankEvent => ({ ...event, provider: 'other-bank' });

  it('take effect once, whether repeated in one call, in another, or at the same time', async () => {
    const payoutId = await elsewhere();
    const event = ofOtherBank(settledEvent(payoutId));
    await apply(event, event);
    await apply(event);
    await Promise.all([apply(event), apply(event), apply(ofOtherBank(settledEvent(payoutId, 'again')))]);
    expect(bed.toldOf(payoutId)).toEqual(['settled']);
  });

  it('at the same time from two of the bank’s own messages, settle once', async () => {
    const payoutId = await elsewhere();
    await Promise.all([1, 2, 3].map((n) => apply(ofOtherBank(settledEvent(payoutId, `message-${n}`)))));
    expect(bed.toldOf(payoutId)).toEqual(['settled']);
  });

  it('of a settlement and its return in one call are both told, whatever their order', async () => {
    const payoutId = await elsewhere();
    await apply(ofOtherBank(returnedEvent(payoutId)), ofOtherBank(settledEvent(payoutId)));
    expect(bed.toldOf(payoutId)).toEqual(['settled', 'returned']);
  });

  it('leave the owner with its money back, however a return is overtaken, repeated and cut into calls', async () => {
    const parts = ['accepted', 'settled', 'settled', 'returned', 'returned'] as const;
    const sequence = fc.shuffledSubarray([...parts], { minLength: parts.length, maxLength: parts.length });
    await fc.assert(
      fc.asyncProperty(
        sequence,
        fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
        async (order, cuts) => {
          const payoutId = await elsewhere();
          const event = { accepted: acceptedEvent, settled: settledEvent, returned: returnedEvent };
          let call: BankEvent[] = [];
          for (const [index, part] of order.entries()) {
            call.push(ofOtherBank(event[part](payoutId)));
            if (!cuts[index]) continue;
            await apply(...call);
            call = [];
          }
          await apply(...call);
          const told = bed.toldOf(payoutId).join();
          expect(['failed', 'settled,returned']).toContain(told);
          expect(await bed.statusOf(payoutId)).toBe(told === 'failed' ? 'failed' : 'returned');
          expect(await contradictions(payoutId)).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('that contradict what was told before change nothing, and wait for a person', async () => {
    const paid = await elsewhere();
    await apply(ofOtherBank(settledEvent(paid)));
    await apply(rejectedEvent(paid));
    expect(await bed.statusOf(paid)).toBe('settled');
    const refused = await elsewhere();
    await apply(rejectedEvent(refused));
    await apply(ofOtherBank(settledEvent(refused)));
    expect(await bed.statusOf(refused)).toBe('failed');
    await apply(ofOtherBank(settledEvent('bpo_unknown')));
    expect(await contradictions(paid)).toEqual([{ kind: 'payoutRejected', found: 'settled' }]);
    expect(await contradictions(refused)).toEqual([{ kind: 'payoutSettled', found: 'failed' }]);
    expect(await contradictions('bpo_unknown')).toEqual([{ kind: 'payoutSettled', found: 'unknown' }]);
    await expect(world.checkInvariants()).rejects.toThrow(/no bank contradicts itself/);
    await world.force('truncate bank_contradictions');
  });
});

describe('the oracle', () => {
  const payment = `update sandbox_bank_payments set`;
  it.each([
    ['an amount that differs', `${payment} amount = amount + 1`, `${payment} amount = amount - 1`],
    ['a payment that the bank lost', `${payment} payment_id = 'x'`, `${payment} payment_id = $1`],
    ['a code that differs', `${payment} code = 'R20'`, `${payment} code = 'R03'`],
  ])('notices %s', async (_, harm, repair) => {
    const payoutId = await submitted();
    await bed.tx((tx) => bed.sandbox.returnPayout(tx, payoutId, 'R03'));
    await world.checkInvariants();
    await world.force(`${harm} where payment_id = $1`, [payoutId]);
    await expect(world.checkInvariants()).rejects.toThrow(/one and the same/);
    await world.force(`${repair} where payment_id in ($1, 'x')`, [payoutId]);
    await world.checkInvariants();
  });

  it('notices a payout that nobody works on, and one that was settled by nobody', async () => {
    const payoutId = await bed.payout();
    await world.sql(`update jobs set task = 'lost' where payload->>'payoutId' = $1`, [payoutId]);
    await expect(world.checkInvariants()).rejects.toThrow(/has a job, or a bank that has it/);
    await world.sql(`update jobs set task = 'bank.submit' where payload->>'payoutId' = $1`, [payoutId]);
    await bed.drain();
    await world.force(`update provider_events set type = 'x' where type like 'bank.payout%'`);
    await expect(world.checkInvariants()).rejects.toThrow(/by an event each/);
    await world.force(`update provider_events set type = 'bank.payoutSettled' where type = 'x'`);
    await world.checkInvariants();
  });
});

describe('a credit', () => {
  const receive = async (rail: 'ach' | 'wire' | 'swift', amountMinor = 10_000n) => {
    const reference = await bed.tx((tx) =>
      bed.sandbox.receive(tx, {
        accountNumber: '100000000001',
        rail,
        amountMinor,
        senderName: 'Grace Hopper',
        memo: 'VA-1',
      }),
    );
    return { reference, credit: bed.told.received.at(-1) };
  };

  it.each([
    ['ach', /^{"traceNumber":"[0-9]{15}"}$/],
    ['wire', /^{"imad":"20[0-9]{6}SNDBANK1[0-9]{6}"}$/],
    ['swift', /^{"uetr":"[0-9a-f-]{36}"}$/],
  ] as const)('by %s is told with what came with it', async (rail, form) => {
    const { reference, credit } = await receive(rail);
    expect(JSON.stringify(reference)).toMatch(form);
    expect(credit).toMatchObject({
      creditId: expect.stringMatching(/^bcr_/),
      provider: 'sandbox-bank',
      rail,
      amountMinor: 10_000n,
      reference,
      accountNumber: '100000000001',
      senderName: 'Grace Hopper',
      memo: 'VA-1',
    });
  });

  it('and a notice of change are told once, however often the bank tells them', async () => {
    const payoutId = await submitted();
    const credit: BankEvent = {
      provider: 'other-bank',
      providerEventId: `${payoutId}/credit`,
      kind: 'credit',
      rail: 'ach',
      amountMinor: 77n,
      reference: '061999990000001',
      accountNumber: '100000000001',
      senderName: 'Grace Hopper',
    };
    const notice: BankEvent = {
      provider: 'other-bank',
      payoutId,
      providerEventId: `${payoutId}/C01`,
      kind: 'detailsCorrected',
      code: 'C01',
      corrected: { accountNumber: '42' },
    };
    await apply(credit, notice, credit);
    await apply(notice, credit);
    await Promise.all([apply(credit), apply(notice), apply(notice, credit)]);
    expect(bed.told.received.filter(({ amountMinor }) => amountMinor === 77n).length).toBe(1);
    expect(bed.told.corrected.filter((each) => each.payoutId === payoutId).length).toBe(1);
  });

  it('leaves no name and no account number with the bank slice', async () => {
    await receive('ach');
    const [row] = await world.sql<{ text: string }>(
      `select concat((select string_agg(c::text, ' ') from bank_credits c),
         (select string_agg(e::text, ' ') from provider_events e),
         (select string_agg(j.payload::text, ' ') from jobs j)) text`,
    );
    expect(row?.text).toContain('bcr_');
    expect(row?.text).not.toMatch(/Hopper|100000000001|VA-1/);
  });

  it('goes back once when asked, by the bank’s own word', async () => {
    const { credit } = await receive('wire');
    const creditId = credit?.creditId ?? '';
    const reason = { code: 'AC04', text: 'Account closed' };
    await bed.tx((tx) => bed.bank.returnCredits(tx, [creditId], reason));
    const again = bed.tx((tx) => bed.bank.returnCredits(tx, [creditId], reason));
    await expect(again).rejects.toMatchObject({ status: 409, code: 'invalid_state' });
    await bed.drain();
    expect(bed.told.sentBack.at(-1)).toMatchObject({
      creditId,
      amountMinor: 10_000n,
      returnCode: 'AC04',
      reason: 'Account closed',
    });
    const after = bed.tx((tx) => bed.bank.returnCredits(tx, [creditId], reason));
    await expect(after).rejects.toMatchObject({ status: 409, code: 'invalid_state' });
  });

  it('that is not there cannot be sent back', async () => {
    const unknown = bed.tx((tx) => bed.bank.returnCredits(tx, ['bcr_0'], { code: 'R03', text: '' }));
    await expect(unknown).rejects.toMatchObject({ status: 404 });
  });
});
