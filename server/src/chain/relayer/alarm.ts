import type { LogFields, Logger } from '../../kernel/log.ts';

/** A condition that is logged when it begins and when it ends, not each time it is looked at. */
export class Alarm {
  readonly #log: Logger;
  readonly #message: string;
  #on = false;

  constructor(log: Logger, message: string) {
    this.#log = log;
    this.#message = message;
  }

  set(on: boolean, fields: LogFields = {}): void {
    if (on === this.#on) return;
    this.#on = on;
    if (on) this.#log.error(fields, this.#message);
    else this.#log.info({}, `over: ${this.#message}`);
  }
}
