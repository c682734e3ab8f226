import { type ReactNode, useEffect } from 'react';
import { Guilloche } from './guilloche.tsx';

interface PublicPageProps {
  readonly title: string;
  readonly note?: ReactNode;
  readonly children: ReactNode;
}

/** A page for those who are not signed in: the form, and the ornament of the house. */
export function PublicPage({ title, note, children }: PublicPageProps) {
  useEffect(() => {
    document.title = `${title} · OpenOMS`;
  }, [title]);
  return (
    <div className="grid min-h-dvh lg:grid-cols-[minmax(0,1fr)_minmax(0,1.1fr)]">
      <main className="flex flex-col justify-center px-6 py-12 sm:px-16">
        <div className="w-full max-w-90 max-lg:mx-auto">
          <Wordmark />
          <h1 className="mt-10 text-2xl">{title}</h1>
          {note !== undefined && <div className="mt-1.5 text-sm text-muted">{note}</div>}
          <div className="mt-7">{children}</div>
        </div>
      </main>
      <div className="relative hidden overflow-hidden border-l border-line bg-sunken lg:block">
        <div className="absolute top-1/2 left-1/2 aspect-square w-[max(118%,820px)] -translate-x-1/2 -translate-y-1/2">
          <Guilloche />
        </div>
      </div>
    </div>
  );
}

const Wordmark = () => (
  <p className="flex items-center gap-2.5 text-base font-[550] tracking-tight">
    <svg viewBox="0 0 24 24" className="size-7 text-accent" fill="none" aria-hidden="true">
      <circle cx="12" cy="12" r="9" stroke="currentColor" strokeWidth="2" />
      <path d="M3 12h18" stroke="currentColor" strokeWidth="2" />
      <path d="M7.5 8.2h9M7.5 15.8h9" stroke="currentColor" strokeWidth="1.25" strokeOpacity="0.55" />
    </svg>
    OpenOMS
  </p>
);
