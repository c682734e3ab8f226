import type { CashNetwork } from '../../cash-ins/provider.ts';
import type {
  CancelResult,
  CashOutNetwork,
  PickupEvent,
  PickupOrder,
  ReserveResult,
} from '../../cash-pickups/provider.ts';
import type { CashPickups } from '../../cash-pickups/service.ts';
import type { Database, Tx } from '../../db/database.ts';
import { assert, must } from '../../kernel/assert.ts';
import { addMs, HOUR_MS } from '../../kernel/clock.ts';
import { ApiError } from '../../kernel/errors.ts';
import { assertOutsideTransaction } from '../../kernel/outside.ts';
import type { Random } from '../../kernel/random.ts';
import type { Settings } from '../../settings/service.ts';
import { CASH_OUT_PROVIDER } from './cash-network.ts';
import { transitionReservation } from './cash-out-states.ts';
import { insertReservation, lockReservation, type ReservationRow } from './cash-out-store.ts';
import { cashOutMagic } from './magic-values.ts';
import type { SandboxRails } from './rails.ts';
import type { Scenarios } from './scenarios.ts';

const PICKUP_LIFETIME_MS = 72 * HOUR_MS;
/** Three groups of four digits. */
const CODE_GROUPS = 3;
const CODE_GROUP_DIGITS = 4;
const INSTRUCTIONS =
  'At the AllPoint machine choose "Cash by code", then enter your phone number and the code. No card is needed.';

interface SandboxCashOutDeps {
  readonly db: Database;
  readonly cashPickups: Pick<CashPickups, 'findOf' | 'transactionOf'>;
  readonly rails: Pick<SandboxRails, 'tellPickup'>;
  readonly settings: Pick<Settings, 'get'>;
  readonly scenarios: Pick<Scenarios, 'find'>;
  readonly locations: Pick<CashNetwork, 'find'>;
}

/**
 * The sandbox's network of machines that hand out cash. It keeps reservations in a table of its own, one row lock for
 * each, and tells what becomes of them by its rails, which lead to `CashPickups.applyPickupEvents`. `collect` and
 * `expire` are hands on the outside world, in the caller's transaction; they throw 409 `invalid_state`.
 */
export class SandboxCashOut implements CashOutNetwork {
  readonly name = 'sandbox-cash-out';
  readonly #deps: SandboxCashOutDeps;

  constructor(deps: SandboxCashOutDeps) {
    this.#deps = deps;
  }

  async reserve(order: PickupOrder): Promise<ReserveResult> {
    assertOutsideTransaction('the cash-out network');
    const { pickupId, locationId, amountMinor } = order;
    const reservation = await this.#deps.db.tx(order.projectId, async (tx) => {
      if (await this.#isOutOfCash(tx, order)) return undefined;
      const now = tx.now();
      await insertReservation(tx, {
        pickup_id: pickupId,
        location_id: locationId,
        amount: amountMinor,
        code: newCode(tx.random),
        expires_at: addMs(now, PICKUP_LIFETIME_MS),
        created_at: now,
      });
      const row = must(await lockReservation(tx, pickupId), 'the network has the reservation');
      assert(row.amount === amountMinor && row.location_id === locationId, 'a reservation is what it was');
      return row;
    });
    if (!reservation) {
      const reason = 'the machine is out of cash';
      return { outcome: 'refused', code: 'out_of_cash', reason, recoverable: true };
    }
    return {
      outcome: 'reserved',
      network: CASH_OUT_PROVIDER,
      code: reservation.code,
      expiresAt: reservation.expires_at,
      instructions: INSTRUCTIONS,
      phoneRequired: true,
    };
  }

  async #isOutOfCash(tx: Tx, { pickupId, locationId }: PickupOrder): Promise<boolean> {
    const { settings, scenarios, cashPickups, locations } = this.#deps;
    if ((await settings.get(tx)).mode !== 'sandbox') return false;
    const scenario = await scenarios.find(tx, [await cashPickups.transactionOf(tx, pickupId)]);
    return cashOutMagic(scenario, locations.find(locationId)?.zipCode) !== undefined;
  }

  async cancel({ projectId, pickupId }: PickupOrder): Promise<CancelResult> {
    assertOutsideTransaction('the cash-out network');
    return this.#deps.db.tx(projectId, async (tx) => {
      const row = must(await lockReservation(tx, pickupId), 'what is cancelled was reserved');
      if (row.status === 'collected') return { outcome: 'collected', providerEventId: eventId(row) };
      if (row.status === 'open') await transitionReservation(tx, row, 'cancelled');
      return { outcome: 'cancelled' };
    });
  }

  /** The customer enters the code and takes the cash. */
  async collect(tx: Tx, transactionId: string): Promise<void> {
    const collected = await transitionReservation(tx, await this.#lockOpen(tx, transactionId), 'collected');
    await this.#tell(tx, collected, 'collected');
  }

  /** Time is over, now: the network gives the cash up. */
  async expire(tx: Tx, transactionId: string): Promise<void> {
    const cancelled = await transitionReservation(tx, await this.#lockOpen(tx, transactionId), 'cancelled');
    await this.#tell(tx, cancelled, 'expired');
  }

  async #lockOpen(tx: Tx, transactionId: string): Promise<ReservationRow> {
    const pickup = await this.#deps.cashPickups.findOf(tx, transactionId);
    if (!pickup || pickup.status === 'requested')
      throw invalidState('No cash waits for this transaction yet.');
    const row = pickup.status === 'ready' ? await lockReservation(tx, pickup.pickup_id) : undefined;
    if (row?.status !== 'open') throw invalidState('No cash waits for this transaction any more.');
    return row;
  }

  #tell(tx: Tx, row: ReservationRow, kind: 'collected' | 'expired'): Promise<void> {
    const event: PickupEvent = {
      provider: this.name,
      providerEventId: eventId(row),
      pickupId: row.pickup_id,
      kind,
    };
    return this.#deps.rails.tellPickup(tx, event);
  }
}

const eventId = ({ pickup_id, status }: ReservationRow): string => `${pickup_id}/${status}`;

const newCode = (random: Random): string =>
  Array.from({ length: CODE_GROUPS }, () => random.digits(CODE_GROUP_DIGITS)).join(' ');

const invalidState = (message: string): ApiError => new ApiError(409, 'invalid_state', message);
