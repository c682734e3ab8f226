import type { QueryClient } from '@tanstack/react-query';
import { projectQuery } from '../../api/queries.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { ChainTrouble } from './chain-trouble.tsx';
import { RateMoves } from './rate-moves.tsx';
import { SandboxOnly } from './sandbox-only.tsx';
import { SendTokens } from './send-tokens.tsx';

export function prefetch(client: QueryClient, { projectId = '' }: Record<string, string>) {
  void client.prefetchQuery(projectQuery(projectId, 'GET /sandbox/trouble'));
}

export const Page = () => (
  <>
    <PageHeader
      title="Chain"
      note="Strangers who send tokens, a chain that misbehaves, and rates that move. The transfers are real ones, on the sandbox’s own chain."
    />
    <SandboxOnly>
      <div className="grid items-start gap-6 lg:grid-cols-2">
        <SendTokens />
        <div className="grid gap-6">
          <ChainTrouble />
          <RateMoves />
        </div>
      </div>
    </SandboxOnly>
  </>
);
