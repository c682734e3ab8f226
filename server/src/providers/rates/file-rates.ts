import { open } from 'node:fs/promises';
import { assertOutsideTransaction } from '../../kernel/outside.ts';
import type { RateFeed } from '../../rates/provider.ts';

/** A file that the operator's own process replaces; read anew each time, up to one byte too many. */
export const fileRates = (path: string, maxBytes: number): RateFeed => ({
  kind: 'feed',
  name: 'file',
  read: async () => {
    assertOutsideTransaction('the file of rates');
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(maxBytes + 1), 0, maxBytes + 1, 0);
      if (bytesRead > maxBytes) throw new Error(`the file of rates is larger than ${maxBytes} bytes`);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  },
});
