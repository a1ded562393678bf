import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useNow } from '../../app/clock';
import { useTranslate } from '../../app/preferences';
import { Copyable } from '../../components/copyable';
import { Instant } from '../../components/instant';
import { countdown } from '../../format/time';
import { isOpen, openHandlers, type Received } from '../../model/received';
import type { Receiving } from './use_receiving';

/** The deliveries that the page holds, each with what is left of its ack wait and what can be done with it. */
export function Deliveries({ receiving, canFail }: { receiving: Receiving; canFail: boolean }) {
  const t = useTranslate();
  const { list, settle, clear } = receiving;
  const now = useNow(list.some((r) => r.state === 'waiting'));
  const open = openHandlers(list, now);
  if (list.length === 0) return null;

  return (
    <Container
      header={
        <Header
          variant="h2"
          counter={`(${list.length})`}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button onClick={clear} disabled={list.every((r) => r.state === 'waiting' || r.state === 'settling')}>
                {t('receive.clear')}
              </Button>
              <Button onClick={() => void settle(open, false)} disabled={open.length === 0}>
                {t('receive.ackAll')}
              </Button>
            </SpaceBetween>
          }
        >
          {t('receive.list')}
        </Header>
      }
    >
      <ul className="plain deliveries" data-testid="received">
        {list.map((r) => (
          <li key={r.message.handler}>
            <Delivery
              delivery={r}
              now={now}
              onAck={() => void settle([r.message.handler], false)}
              onFail={canFail ? () => void settle([r.message.handler], true) : undefined}
            />
          </li>
        ))}
      </ul>
    </Container>
  );
}

interface DeliveryProps {
  delivery: Received;
  now: number;
  onAck: () => void;
  onFail?: () => void;
}

function Delivery({ delivery, now, onAck, onFail }: DeliveryProps) {
  const t = useTranslate();
  const { message, state } = delivery;
  const open = isOpen(delivery, now);
  return (
    <article className="delivery" data-state={state === 'waiting' && !open ? 'overdue' : state} aria-label={t('receive.message', { id: message.id })}>
      <div className="delivery-head">
        <State delivery={delivery} now={now} />
        {(open || state === 'settling') && (
          <SpaceBetween direction="horizontal" size="xs">
            {onFail && (
              <Button onClick={onFail} disabled={state === 'settling'}>
                {t('receive.fail')}
              </Button>
            )}
            <Button onClick={onAck} loading={state === 'settling'} loadingText={t('receive.settling')}>
              {t('receive.ack')}
            </Button>
          </SpaceBetween>
        )}
      </div>
      <Body value={message.body} label={t('send.body')} />
      {message.attributes !== undefined && Object.keys(message.attributes).length > 0 && <Body value={message.attributes} label={t('send.attributes')} title />}
      <div className="delivery-facts">
        <Copyable text={message.id} what={t('message.id')} />
        <span>
          {t('message.sent')} <Instant at={message.sent_at} />
        </span>
        <span>{t.many('message.received', message.receive_count)}</span>
        {message.labels?.map((label) => (
          <Badge key={label}>{label}</Badge>
        ))}
      </div>
    </article>
  );
}

function State({ delivery, now }: { delivery: Received; now: number }) {
  const t = useTranslate();
  switch (delivery.state) {
    case 'acknowledged':
      return <StatusIndicator type="success">{t('receive.state.acknowledged')}</StatusIndicator>;
    case 'failed':
      return <StatusIndicator type="stopped">{t('receive.state.failed')}</StatusIndicator>;
    case 'lost':
      return <StatusIndicator type="warning">{t('receive.state.lost')}</StatusIndicator>;
    case 'settling':
      return <StatusIndicator type="in-progress">{t('receive.settling')}</StatusIndicator>;
    case 'waiting':
      return isOpen(delivery, now) ? (
        <StatusIndicator type="pending">
          {/* Not a live region: a countdown that is read aloud each second helps nobody. */}
          {t('receive.state.waiting')} <span className="countdown">{countdown(delivery.deadline - now)}</span>
        </StatusIndicator>
      ) : (
        <StatusIndicator type="warning">{t('receive.state.overdue')}</StatusIndicator>
      );
  }
}

/** Bodies are shown as text, never as markup; a long one is cut, so that a hostile one cannot freeze the page. */
const SHOWN = 20_000;

function Body({ value, label, title }: { value: unknown; label: string; title?: boolean }) {
  const t = useTranslate();
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return (
    <div>
      {title && (
        <Box variant="awsui-key-label" display="block">
          {label}
        </Box>
      )}
      <pre className="payload" tabIndex={0} role="region" aria-label={label}>
        {text.slice(0, SHOWN)}
      </pre>
      {text.length > SHOWN && (
        <Box variant="small" color="text-body-secondary">
          {t('receive.cut', { shown: SHOWN, all: text.length })}
        </Box>
      )}
    </div>
  );
}
