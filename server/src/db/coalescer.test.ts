import { describe, expect, it } from 'vitest';
import { Coalescer, QueueFull } from './coalescer.ts';

const gate = () => Promise.withResolvers<void>();

describe('a coalescer', () => {
  it('gathers what comes while a batch is under way, and keeps the order', async () => {
    const batches: number[][] = [];
    const opened = gate();
    const coalescer = new Coalescer<number, number>({
      maxBatch: 100,
      maxWaiting: 1_000,
      run: async (_key, items) => {
        batches.push([...items]);
        if (batches.length === 1) await opened.promise;
        return items.map((item) => item * 2);
      },
    });
    const first = coalescer.submit('a', 0);
    await expect.poll(() => batches.length).toBe(1);
    const rest = Promise.all(Array.from({ length: 50 }, (_, i) => coalescer.submit('a', i + 1)));
    opened.resolve();
    expect(await first).toBe(0);
    expect(await rest).toEqual(Array.from({ length: 50 }, (_, i) => (i + 1) * 2));
    expect(batches).toEqual([[0], Array.from({ length: 50 }, (_, i) => i + 1)]);
  });

  it('bounds the size of a batch, and how many wait', async () => {
    const sizes: number[] = [];
    const opened = gate();
    const coalescer = new Coalescer<number, number>({
      maxBatch: 3,
      maxWaiting: 5,
      run: async (_key, items) => {
        sizes.push(items.length);
        await opened.promise;
        return items;
      },
    });
    const first = coalescer.submit('a', 0);
    await expect.poll(() => sizes.length).toBe(1);
    const waiting = Array.from({ length: 5 }, (_, i) => coalescer.submit('a', i));
    await expect(coalescer.submit('a', 9)).rejects.toThrow(QueueFull);
    opened.resolve();
    await Promise.all([first, ...waiting]);
    expect(sizes).toEqual([1, 3, 2]);
  });

  it('rejects one item alone when its result is an error', async () => {
    const coalescer = new Coalescer<number, number>({
      maxBatch: 10,
      maxWaiting: 10,
      run: async (_key, items) => items.map((item) => (item === 2 ? new Error('no') : item)),
    });
    const results = await Promise.allSettled([1, 2, 3].map((item) => coalescer.submit('a', item)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('runs each item by itself when the batch throws, so that one cannot fail its neighbours', async () => {
    const seen: number[][] = [];
    const coalescer = new Coalescer<number, number>({
      maxBatch: 10,
      maxWaiting: 10,
      run: async (_key, items) => {
        seen.push([...items]);
        if (items.includes(2)) throw new Error('poison');
        return items;
      },
    });
    const results = await Promise.allSettled([1, 2, 3].map((item) => coalescer.submit('a', item)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(seen).toEqual([[1, 2, 3], [1], [2], [3]]);
  });

  it('lets keys go their own ways', async () => {
    const opened = gate();
    const coalescer = new Coalescer<number, string>({
      maxBatch: 10,
      maxWaiting: 10,
      run: async (key, items) => {
        if (key === 'slow') await opened.promise;
        return items.map(() => key);
      },
    });
    const slow = coalescer.submit('slow', 1);
    expect(await coalescer.submit('quick', 1)).toBe('quick');
    opened.resolve();
    expect(await slow).toBe('slow');
  });
});
