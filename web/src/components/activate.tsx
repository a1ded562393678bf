import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { api, take } from '../api/client';
import { prices, queryClient, service } from '../api/queries';
import { useFlash } from '../app/flash';
import { useTranslate } from '../app/preferences';
import { decimal, money, monthly } from '../format/number';

/** Activates the service for the account. */
export function ActivateButton() {
  const t = useTranslate();
  const flash = useFlash();
  const [sending, setSending] = useState(false);
  const activate = async () => {
    setSending(true);
    try {
      queryClient.setQueryData(service.queryKey, await take(api.PUT('/api/v1/service/activation')));
      flash.show({ type: 'success', content: t('activate.done') });
    } catch (error) {
      flash.fail(t('activate.failed'), error);
    } finally {
      setSending(false);
    }
  };
  return (
    <Button variant="primary" loading={sending} onClick={() => void activate()}>
      {t('activate.submit')}
    </Button>
  );
}

/** What the service costs, in one sentence; nothing while the price is not known. */
export function PriceText() {
  const t = useTranslate();
  const { data } = useQuery(prices);
  if (!data) return null;
  return (
    <>
      {t('activate.price', {
        price: money(data.queue.amount, data.currency, t.language),
        unit: t.maybe(`unit.${data.queue.unit}`) ?? data.queue.unit,
        month: money(monthly(data.queue), data.currency, t.language),
        calls: decimal(data.free_api_calls, t.language),
        callPrice: money(data.api_call.amount, data.currency, t.language),
        callPer: decimal(data.api_call.per, t.language),
      })}
    </>
  );
}

/** Stands in the place of a page that needs the service while it is not activated. */
export function ActivateFirst() {
  const t = useTranslate();
  return (
    <Container header={<Header variant="h2">{t('activate.first')}</Header>}>
      <SpaceBetween size="m">
        <Box variant="p">{t('activate.free')}</Box>
        <Box variant="p">
          <PriceText />
        </Box>
        <ActivateButton />
      </SpaceBetween>
    </Container>
  );
}
