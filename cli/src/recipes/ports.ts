import type { OpenOMS } from '@openoms/sdk';

/** What no client of the API can do; whoever runs a world of their own can. */
export interface Outside {
  /** From now on the token refuses every transfer to the address. */
  refuseTransfersTo(address: string): Promise<void>;
}

/** How a recipe acts on an instance, and sees what became of it. */
export interface RecipePorts {
  readonly client: OpenOMS;
  /**
   * Answers what `look` finds, once it finds something. `takesMs` is how long that takes by the instance's clock when
   * it is more than seconds. Throws when it does not come.
   */
  until<T>(what: string, look: () => Promise<T | undefined>, takesMs?: number): Promise<T>;
  /** Told of each thing that a recipe makes, as it is made. */
  onMade(kind: string, id: string): void;
  readonly outside?: Outside;
}
