import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button, IconButton } from './button.tsx';
import { toast } from './toast.tsx';

const SHOWN_MS = 1_500;

interface CopyButtonProps {
  readonly text: string;
  /** What it copies: “Copy id”. */
  readonly label: string;
  /** Shows the label beside the mark. */
  readonly isWide?: boolean;
}

export function CopyButton({ text, label, isWide = false }: CopyButtonProps) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      toast({ title: 'The browser did not let it be copied.', tone: 'failed' });
    }
  };
  const icon = isCopied ? (
    <Check size={14} className="text-done" aria-hidden />
  ) : (
    <Copy size={14} aria-hidden />
  );
  const said = isCopied ? 'Copied' : label;
  if (isWide)
    return (
      <Button size="sm" icon={icon} onClick={copy}>
        {said}
      </Button>
    );
  return <IconButton label={said} icon={icon} onClick={copy} className="relative z-10 -my-0.5 size-6" />;
}
