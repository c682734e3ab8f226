import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createWorld, type World } from '../../../test/world.ts';
import { type BankBed, createBankBed, IBAN_ACCOUNT, US_ACCOUNT } from '../../bank/bank-bed.testing.ts';
import { describeBankRail } from '../../bank/bank-rail.testing.ts';
import { must } from '../../kernel/assert.ts';
import { HOUR_MS } from '../../kernel/clock.ts';
import { settlesAt } from './bank-calendar.ts';

let world: World;
let bed: BankBed;

beforeAll(async () => {
  world = await createWorld();
  bed = createBankBed(world);
});
beforeEach(() => {
  bed.setPace('manual');
  bed.setDetails(US_ACCOUNT);
});
afterAll(() => world.close());

async function accepted(rail: 'ach' | 'wire' | 'swift' = 'ach'): Promise<string> {
  bed.setDetails(rail === 'swift' ? IBAN_ACCOUNT : US_ACCOUNT);
  const payoutId = await bed.payout({ rail });
  await bed.drain();
  return payoutId;
}

const { settle, reject, returnPayout, notify } = {
  settle: (payoutId: string) => bed.tx((tx) => bed.sandbox.settle(tx, payoutId)),
  reject: (payoutId: string, code: string) => bed.tx((tx) => bed.sandbox.reject(tx, payoutId, code)),
  returnPayout: (payoutId: string, code: string) =>
    bed.tx((tx) => bed.sandbox.returnPayout(tx, payoutId, code)),
  notify: (payoutId: string, code: string, corrected: object) =>
    bed.tx((tx) => bed.sandbox.notifyOfChange(tx, payoutId, code, corrected)),
};

const INVALID_STATE = { status: 409, code: 'invalid_state' };

describeBankRail('the sandbox bank', async () => {
  const findPayment = async (payoutId: string) => {
    const sealer = await world.context.sealers.for(bed.projectId);
    return must(
      await bed.tx((tx) => bed.bank.findPaymentToSubmit(tx, sealer, payoutId)),
      'it is to be submitted',
    );
  };
  return {
    rail: bed.sandbox,
    db: world.context.db,
    projectId: bed.projectId,
    newPayment: async () => {
      bed.setPace('auto');
      return findPayment(await bed.payout());
    },
    newHopelessPayment: async () => ({
      ...(await findPayment(await bed.payout({ rail: 'wire' }))),
      details: { ...US_ACCOUNT, routingNumber: '123456789' },
    }),
    newReturn: async () => {
      bed.setPace('auto');
      await bed.tx((tx) => bed.sandbox.receive(tx, { accountNumber: '1', rail: 'ach', amountMinor: 7n }));
      const creditId = must(bed.told.received.at(-1), 'it came').creditId;
      await bed.tx((tx) => bed.bank.returnCredits(tx, [creditId], { code: 'R03', text: 'No account' }));
      return must(await bed.tx((tx) => bed.bank.findCreditToReturn(tx, creditId)), 'it is to go back');
    },
    finish: async () => void (await bed.drain()),
    timesPaid: async (id) => {
      const rows = await world.sql(
        `select from sandbox_bank_payments where payment_id = $1 and settled_at is not null`,
        [id],
      );
      const told = [
        ...bed.told.settled.filter((each) => each.payoutId === id),
        ...bed.told.sentBack.filter((each) => each.creditId === id),
      ];
      expect(told.length).toBe(rows.length);
      return rows.length;
    },
  };
});

describe('at the pace manual', () => {
  it('nothing settles until told, and then once', async () => {
    const payoutId = await accepted();
    world.advance(30 * 24 * HOUR_MS);
    await bed.drain();
    expect(await bed.statusOf(payoutId)).toBe('submitted');
    await settle(payoutId);
    await settle(payoutId);
    expect(bed.toldOf(payoutId)).toEqual(['settled']);
  });

  it('a credit goes back when told', async () => {
    await bed.tx((tx) => bed.sandbox.receive(tx, { accountNumber: '1', rail: 'ach', amountMinor: 7n }));
    const creditId = must(bed.told.received.at(-1), 'it came').creditId;
    await bed.tx((tx) => bed.bank.returnCredits(tx, [creditId], { code: 'R03', text: 'No account' }));
    await bed.drain();
    const back = () => bed.told.sentBack.filter((each) => each.creditId === creditId).length;
    expect(back()).toBe(0);
    await settle(creditId);
    expect(back()).toBe(1);
    await expect(returnPayout(creditId, 'R03')).rejects.toMatchObject({ status: 404 });
  });

  it('a payout that has not reached the bank cannot be moved, and one that is not there is not found', async () => {
    const payoutId = await bed.payout();
    await expect(settle(payoutId)).rejects.toMatchObject(INVALID_STATE);
    await expect(settle('bpo_0')).rejects.toMatchObject({ status: 404, code: 'not_found' });
    await bed.drain();
  });
});

describe('a rejection', () => {
  it.each([
    ['ach', 'R13'],
    ['wire', 'RC08'],
    ['swift', 'RC04'],
  ] as const)('of %s fails the payout once', async (rail, code) => {
    const payoutId = await accepted(rail);
    await reject(payoutId, code);
    await reject(payoutId, code);
    expect(bed.toldOf(payoutId)).toEqual(['failed']);
    expect(bed.told.failed.at(-1)).toMatchObject({ rejectCode: code });
    await expect(settle(payoutId)).rejects.toMatchObject(INVALID_STATE);
    await expect(returnPayout(payoutId, rail === 'ach' ? 'R02' : 'AC04')).rejects.toMatchObject(
      INVALID_STATE,
    );
  });

  it('comes too late once it settled', async () => {
    const payoutId = await accepted();
    await settle(payoutId);
    await expect(reject(payoutId, 'R13')).rejects.toMatchObject(INVALID_STATE);
    expect(bed.toldOf(payoutId)).toEqual(['settled']);
  });

  it.each([
    ['ach', 'R99'],
    ['ach', 'R02'],
    ['wire', 'R13'],
    ['swift', 'RC08'],
    ['wire', 'CUST'],
  ] as const)('of %s has no code %s', async (rail, code) => {
    const payoutId = await accepted(rail);
    await expect(reject(payoutId, code)).rejects.toMatchObject({
      status: 400,
      code: 'validation_error',
      details: [{ field: 'code' }],
    });
  });
});

describe('a return', () => {
  it('before the settlement is a failure with its code', async () => {
    const payoutId = await accepted();
    await returnPayout(payoutId, 'R03');
    await returnPayout(payoutId, 'R03');
    expect(bed.toldOf(payoutId)).toEqual(['failed']);
    expect(bed.told.failed.at(-1)).toMatchObject({ returnCode: 'R03', reason: /No account/ });
  });

  it('after the settlement is told as one', async () => {
    const payoutId = await accepted('wire');
    await settle(payoutId);
    await returnPayout(payoutId, 'AC04');
    await returnPayout(payoutId, 'AC04');
    expect(bed.toldOf(payoutId)).toEqual(['settled', 'returned']);
    expect(bed.told.returned.at(-1)).toMatchObject({ returnCode: 'AC04', reason: 'Account closed' });
    await expect(returnPayout(payoutId, 'AC06')).rejects.toMatchObject(INVALID_STATE);
    await expect(settle(payoutId)).rejects.toMatchObject(INVALID_STATE);
  });

  it('has a code of its rail', async () => {
    const payoutId = await accepted();
    for (const code of ['AC04', 'C01', 'R13', '']) {
      await expect(returnPayout(payoutId, code)).rejects.toMatchObject({ status: 400 });
    }
  });
});

describe('a notification of change', () => {
  it('carries what its code corrects, once', async () => {
    const payoutId = await accepted();
    const corrected = { routingNumber: '021001208', accountNumber: '778899' };
    await notify(payoutId, 'C03', corrected);
    await notify(payoutId, 'C03', corrected);
    const notices = bed.told.corrected.filter((each) => each.payoutId === payoutId);
    expect(notices).toEqual([
      {
        payoutId,
        externalAccountId: 'cpUsBank_test',
        purpose: 'test',
        resourceId: expect.any(String),
        code: 'C03',
        corrected,
      },
    ]);
    expect(await bed.statusOf(payoutId)).toBe('submitted');
  });

  it('names every field that is wrong', async () => {
    const payoutId = await accepted();
    const wrong = { routingNumber: '021001209', ownerName: 'Ada' };
    await expect(notify(payoutId, 'C03', wrong)).rejects.toMatchObject({
      status: 400,
      details: [
        { field: 'corrected.accountNumber' },
        { field: 'corrected.routingNumber' },
        { field: 'corrected.ownerName' },
      ],
    });
    await expect(notify(payoutId, 'C99', {})).rejects.toMatchObject({ details: [{ field: 'code' }] });
    await expect(notify(await accepted('wire'), 'C01', {})).rejects.toMatchObject({ status: 400 });
  });

  it('comes for payments that arrived', async () => {
    const payoutId = await accepted();
    await returnPayout(payoutId, 'R02');
    await expect(notify(payoutId, 'C05', { accountType: 'savings' })).rejects.toMatchObject(INVALID_STATE);
  });
});

describe('at the pace realistic', () => {
  beforeEach(() => bed.setPace('realistic'));

  it.each(['ach', 'wire', 'swift'] as const)('%s settles when the calendar says', async (rail) => {
    const payoutId = await accepted(rail);
    const expected = settlesAt(rail, world.clock.now());
    const row = await bed.tx((tx) => bed.bank.findPayout(tx, payoutId));
    expect(row?.effective_at).toEqual(expected);
    world.advance(expected.getTime() - world.clock.now().getTime() - 1);
    await bed.drain();
    expect(bed.toldOf(payoutId)).toEqual([]);
    world.advance(1);
    await bed.drain();
    expect(bed.toldOf(payoutId)).toEqual(['settled']);
  });

  it('may still be moved by hand, and does not settle twice', async () => {
    const [byHand, refused] = [await accepted(), await accepted()];
    await settle(byHand);
    await reject(refused, 'R19');
    world.advance(10 * 24 * HOUR_MS);
    await bed.drain();
    expect(bed.toldOf(byHand)).toEqual(['settled']);
    expect(bed.toldOf(refused)).toEqual(['failed']);
  });

  it('a return keeps the deadline of its code', async () => {
    const payoutId = await accepted();
    await settle(payoutId);
    world.advance(14 * 24 * HOUR_MS);
    await expect(returnPayout(payoutId, 'R03')).rejects.toMatchObject(INVALID_STATE);
    await returnPayout(payoutId, 'R10');
    expect(bed.toldOf(payoutId)).toEqual(['settled', 'returned']);
  });
});
