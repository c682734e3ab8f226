import { type ReactNode, useEffect } from 'react';

interface PageHeaderProps {
  /** Also the title of the document. */
  readonly title: string;
  /** In place of the title on the page, when it is more than text. */
  readonly heading?: ReactNode;
  readonly status?: ReactNode;
  /** A line below: what this page is for, or the id. */
  readonly note?: ReactNode;
  readonly actions?: ReactNode;
}

/** The one h1 of a page. */
export function PageHeader({ title, heading, status, note, actions }: PageHeaderProps) {
  useEffect(() => {
    document.title = `${title} · OpenOMS`;
  }, [title]);
  return (
    <header className="flex flex-wrap items-start gap-x-6 gap-y-3 pb-5">
      <div className="min-w-0 flex-1 basis-72">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
          <h1 className="text-xl break-words">{heading ?? title}</h1>
          {status}
        </div>
        {note !== undefined && <div className="mt-1 max-w-[96ch] text-pretty text-sm text-muted">{note}</div>}
      </div>
      {actions !== undefined && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
    </header>
  );
}
