import { type Database, PLATFORM } from '../db/database.ts';
import type { Trouble } from '../trouble/trouble.ts';
import { findSeenUpTo, listAnnounced } from './indexer/store.ts';
import type { ChainTroubleSource } from './local/trouble.ts';
import type { NetworkName } from './networks.ts';

/** The rules of all projects for their common chain. The deposits tell a reorganisation where it is worth while. */
export const chainTroubleOf = (
  { db, trouble }: { readonly db: Database; readonly trouble: Trouble },
  network: NetworkName,
): ChainTroubleSource => ({
  list: () => trouble.chainRules(),
  hits: async ({ projectId, ruleId, kind }) => {
    const hits = await trouble.hits(projectId, [kind], { isFor: (rule) => rule.ruleId === ruleId });
    return hits.length > 0;
  },
  announced: async (projectId, above) => {
    // In this order: deposits are committed before the block that brings them is one that was seen.
    const seenUpTo = await db.tx(PLATFORM, (tx) => findSeenUpTo(tx, network));
    return { seenUpTo, deposits: await db.tx(projectId, (tx) => listAnnounced(tx, network, above)) };
  },
});
