import type { ExamCase } from './case.ts';
import { expectAccepted, expectRefused } from './judgement.ts';
import type { Delivery, Kit } from './kit.ts';
import type { Exchange } from './wire.ts';

export type Probe = ExamCase['probe'];
type Build = (kit: Kit) => Promise<Delivery | readonly Delivery[]>;

/** Sends what is built, one after the other; each must be answered with 2xx. */
export const accepted =
  (build: Build): Probe =>
  async (kit) =>
    expectAccepted(await postInTurn(kit, await build(kit)));

/** Sends what is built, one after the other; each must be answered with 4xx. */
export const refused =
  (build: Build): Probe =>
  async (kit) =>
    expectRefused(await postInTurn(kit, await build(kit)));

export async function postInTurn(
  kit: Kit,
  built: Delivery | readonly Delivery[],
): Promise<readonly Exchange[]> {
  const exchanges: Exchange[] = [];
  for (const delivery of [built].flat()) exchanges.push(await kit.post(delivery));
  return exchanges;
}
