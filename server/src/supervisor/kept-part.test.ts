import { expect, test } from 'vitest';
import { must } from '../kernel/assert.ts';
import { silentLogger } from '../kernel/log.ts';
import { KeptPart, type RunningPart } from './kept-part.ts';

/** A part that falls, and becomes of use, when the test says so. */
interface Puppet extends RunningPart {
  fall(): void;
  becomeReady(): void;
}

function newPuppet(isReady: boolean): Puppet {
  const [fallen, ready] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  if (isReady) ready.resolve();
  return {
    exited: fallen.promise,
    ready: () => ready.promise,
    stop: async () => fallen.resolve(),
    fall: fallen.resolve,
    becomeReady: ready.resolve,
  };
}

function keep(name: string, start: () => Puppet, needs: readonly KeptPart<RunningPart>[] = []) {
  const givenUp: string[] = [];
  const onGivenUp = (what: string): void => void givenUp.push(what);
  const part = new KeptPart({ name, start: async () => start(), needs, log: silentLogger, onGivenUp });
  return { part, givenUp };
}

test('a part that has fallen is started again when what it needs is of use, however long that takes', async () => {
  let isReady = true;
  const databases: Puppet[] = [];
  const database = keep('database', () => {
    databases.push(newPuppet(isReady));
    return must(databases.at(-1), 'a database');
  });
  await database.part.start();
  const chains: Puppet[] = [];
  const another = Promise.withResolvers<void>();
  const chain = keep('chain', () => {
    if (chains.length === 1) another.resolve();
    chains.push(newPuppet(true));
    return must(chains.at(-1), 'a chain');
  }, [database.part]);
  await chain.part.start();

  isReady = false;
  must(databases[0], 'a database').fall();
  must(chains[0], 'a chain').fall();
  const isStarted = await Promise.race([
    another.promise.then(() => true),
    // Longer than the delay before a start.
    new Promise<false>((resolve) => setTimeout(() => resolve(false), 1_500)),
  ]);
  expect(isStarted).toBe(false);
  expect(databases).toHaveLength(2);
  must(databases[1], 'another database').becomeReady();
  await another.promise;
  expect([...database.givenUp, ...chain.givenUp]).toEqual([]);
  await chain.part.stop();
  await database.part.stop();
});
