import type { ReactNode } from 'react';
import { useQuery } from '@tanstack/react-query';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Icon from '@cloudscape-design/components/icon';
import { prices } from '../api/queries';
import { TopBar } from '../app/top_bar';
import { useTranslate } from '../app/preferences';
import { useTitle } from '../app/title';
import { decimal, money, monthly } from '../format/number';

/** The page before the console: what this is, and one form. */
export function Entry({ title, children }: { title: string; children: ReactNode }) {
  const t = useTranslate();
  useTitle(title);
  return (
    <>
      <TopBar home="/sign-in" />
      <main className="entry">
        <section className="entry-pitch" aria-label={t('app.name')}>
          <div className="entry-pitch-inner">
            <p className="entry-claim">{t('entry.claim')}</p>
            <p className="entry-lead">{t('entry.lead')}</p>
            <ul>
              <Point>{t('entry.durable')}</Point>
              <Point>{t('entry.simple')}</Point>
              <PricePoint />
            </ul>
          </div>
        </section>
        <section className="entry-form" aria-label={title}>
          {/* A browser calls https and the machine's own addresses secure. */}
          {!isSecureContext && (
            <Box margin={{ bottom: 'l' }}>
              <Alert type="warning" statusIconAriaLabel={t('state.warning')}>
                {t('entry.insecure')}
              </Alert>
            </Box>
          )}
          {children}
        </section>
      </main>
    </>
  );
}

function PricePoint() {
  const t = useTranslate();
  const { data } = useQuery(prices);
  if (!data) return null;
  return (
    <Point>
      {t('entry.price', {
        price: money(data.queue.amount, data.currency, t.language),
        month: money(monthly(data.queue), data.currency, t.language),
        calls: decimal(data.free_api_calls, t.language),
      })}
    </Point>
  );
}

function Point({ children }: { children: ReactNode }) {
  return (
    <li>
      <Icon name="check" />
      <span>{children}</span>
    </li>
  );
}
