import { Audit } from '../../server/src/audit/audit.ts';
import { Database } from '../../server/src/db/database.ts';
import { Waker } from '../../server/src/db/waker.ts';
import { EVENTS_CHANNEL, Events } from '../../server/src/events/events.ts';
import { systemClock } from '../../server/src/kernel/clock.ts';
import { TypeIds } from '../../server/src/kernel/ids.ts';
import { keyEncryptionFromHex } from '../../server/src/kernel/key-encryption.ts';
import { silentLogger } from '../../server/src/kernel/log.ts';
import { Sealers } from '../../server/src/sealing/sealers.ts';
import { Trouble } from '../../server/src/trouble/trouble.ts';
import { Dispatcher } from '../../server/src/webhooks/dispatcher.ts';
import { Recording } from '../../server/src/webhooks/recording.ts';
import { Sender } from '../../server/src/webhooks/sender.ts';
import { Webhooks } from '../../server/src/webhooks/service.ts';

/** Where the engine's processes find one another. */
export interface EngineSettings {
  readonly databaseUrl: string;
  /** The key-encryption key. */
  readonly keyHex: string;
}

const MAX_CONNECTIONS = 40;
const DELIVERIES_AT_ONCE = 256;
/** The sinks are here, and their address needs no look-up. */
const EGRESS = { trustedHosts: ['127.0.0.1'] };

export type Engine = ReturnType<typeof createEngine>;

/** What records and delivers events, built as a worker builds it, without everything else that a worker does. */
export function createEngine({ databaseUrl, keyHex }: EngineSettings) {
  const clock = systemClock;
  const wallClock = systemClock;
  const log = silentLogger;
  const db = new Database(databaseUrl, { maxConnections: MAX_CONNECTIONS, clock, log });
  const ids = new TypeIds(clock);
  const eventsWaker = new Waker(db, EVENTS_CHANNEL);
  const events = new Events(ids, eventsWaker);
  const sealers = new Sealers(db, keyEncryptionFromHex(keyHex));
  const webhooks = new Webhooks({ wallClock, ids, events, audit: new Audit(ids), egress: EGRESS });
  const newSender = (): Sender => new Sender({ policy: EGRESS });
  const trouble = new Trouble({ db, ids, wallClock });
  const parts = { db, clock, wallClock, ids, log, eventsWaker, events, sealers, trouble, webhooks };
  return {
    ...parts,
    newSender,
    /** One at a time. */
    newDispatcher: (): Dispatcher =>
      new Dispatcher({
        ...parts,
        random: Math.random,
        requestsAtOnce: DELIVERIES_AT_ONCE,
        sender: newSender(),
        recording: new Recording({ ...parts, disable: (tx, id, reason) => webhooks.disable(tx, id, reason) }),
      }),
    close: async (): Promise<void> => {
      eventsWaker.close();
      await db.close();
    },
  };
}

/** A project of its own, with what sealing needs. */
export async function createProject({ db, ids, sealers, clock }: Engine): Promise<string> {
  const projectId = ids.next('project');
  const sealedKey = await sealers.newDataKey(projectId);
  await db.tx(projectId, async (tx) => {
    const now = clock.now();
    await tx.query('insert into projects values ($1, $2, $3, $4)', [projectId, 'bench', 'sandbox', now]);
    await tx.query('insert into data_keys values ($1, $2, $3)', [projectId, sealedKey, now]);
  });
  return projectId;
}

/** The id of an endpoint of the project. */
export async function createEndpoint(
  { db, sealers, webhooks }: Engine,
  projectId: string,
  body: { readonly url: string; readonly events?: string[]; readonly inOrder?: boolean },
): Promise<string> {
  const sealer = await sealers.for(projectId);
  const { row } = await db.tx(projectId, (tx) => webhooks.create(tx, body, sealer));
  return row.webhook_id;
}
