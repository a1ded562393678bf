import { createContext, use, useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useLocation } from 'react-router';
import Flashbar, { type FlashbarProps } from '@cloudscape-design/components/flashbar';
import { ProblemDetail } from '../components/problem_alert';
import { useTranslate } from './preferences';

type Flash = Pick<FlashbarProps.MessageDefinition, 'type' | 'header' | 'content'> & { id: string; pages: number };

interface Value {
  items: Flash[];
  /** Shows a message on this page; with nextPage also on the one that is being gone to. */
  show: (flash: { type: 'success' | 'info' | 'warning' | 'error'; header?: ReactNode; content?: ReactNode; nextPage?: boolean }) => void;
  fail: (header: string, error: unknown) => void;
  dismiss: (id: string) => void;
}

const Context = createContext<Value | null>(null);

export function useFlash() {
  const value = use(Context);
  if (!value) throw new Error('useFlash outside of FlashProvider');
  return value;
}

export function FlashProvider({ children }: { children: ReactNode }) {
  const [items, setItems] = useState<Flash[]>([]);
  const count = useRef(0);
  const { pathname, search } = useLocation();
  // The tabs of a page are pages too: news about one is old on the next.
  const where = `${pathname}#${new URLSearchParams(search).get('tab') ?? ''}`;

  useEffect(() => {
    setItems((before) => (before.length === 0 ? before : before.map((f) => ({ ...f, pages: f.pages - 1 })).filter((f) => f.pages > 0)));
  }, [where]);

  const show = useCallback<Value['show']>(({ nextPage, ...flash }) => {
    const id = String(++count.current);
    // The newest three: a list of old news helps nobody.
    setItems((before) => [{ ...flash, id, pages: nextPage ? 2 : 1 }, ...before].slice(0, 3));
  }, []);
  const dismiss = useCallback((id: string) => setItems((before) => before.filter((f) => f.id !== id)), []);
  const fail = useCallback((header: string, error: unknown) => show({ type: 'error', header, content: <ProblemDetail error={error} /> }), [show]);

  const value = useMemo(() => ({ items, show, fail, dismiss }), [items, show, fail, dismiss]);
  return <Context value={value}>{children}</Context>;
}

export function Flashes() {
  const t = useTranslate();
  const { items, dismiss } = useFlash();
  return (
    <Flashbar
      items={items.map(({ id, type, header, content }) => ({
        id,
        type,
        header,
        content,
        dismissible: true,
        dismissLabel: t('action.dismiss'),
        onDismiss: () => dismiss(id),
        ariaRole: type === 'error' ? 'alert' : 'status',
      }))}
    />
  );
}
