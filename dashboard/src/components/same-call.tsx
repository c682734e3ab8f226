import { ChevronRight, SquareTerminal } from 'lucide-react';
import { Curl, type CurlProps, type PublicRoute } from './curl.tsx';

/** What the form beside it sends, as one would type it; folded until asked for. */
export function SameCall<R extends PublicRoute>({ route, input }: CurlProps<R>) {
  return (
    // In a row of others it takes a line of its own once it is unfolded.
    <details className="group min-w-0 open:order-1 open:basis-full">
      <summary className="inline-flex h-7 list-none items-center gap-1.5 rounded-md pr-2 text-xs text-muted hover:text-ink [&::-webkit-details-marker]:hidden">
        <ChevronRight size={13} aria-hidden className="transition-transform group-open:rotate-90" />
        <SquareTerminal size={13} aria-hidden />
        The same by curl
      </summary>
      <div className="pt-1.5">
        <Curl route={route} {...(input !== undefined && { input })} />
      </div>
    </details>
  );
}
