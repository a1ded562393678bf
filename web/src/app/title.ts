import { useEffect } from 'react';
import { useTranslate } from './preferences';

/** Names the page in the browser's tab and for screen readers. */
export function useTitle(title: string) {
  const t = useTranslate();
  useEffect(() => {
    document.title = `${title} · ${t('app.name')}`;
  }, [title, t]);
}
