import type { LoggedEvent } from '@openoms/contract/event-log.ts';
import type { CommandIo } from './command.ts';
import type { Connection } from './connection.ts';

const NAME_WIDTH = 42;

/** One event as people read it: when, what, of which resource, its number there, its id. */
export const eventLine = ({ createdAt, event, resourceId, sequence, id }: LoggedEvent): string =>
  `${createdAt}  ${event.padEnd(NAME_WIDTH)} ${resourceId} #${sequence}  ${id}`;

/** What is said when the API goes away, and when it is back. */
export const outageLines = (io: CommandIo, { baseUrl }: Connection) => ({
  onAway: (reason: string) => io.err(`${baseUrl} does not answer (${reason}); waiting for it.`),
  onBack: (missed: number) => io.err(`${baseUrl} answers again; ${count(missed, 'event')} came meanwhile.`),
});

export const count = (number: number, thing: string): string =>
  `${number} ${thing}${number === 1 ? '' : 's'}`;
