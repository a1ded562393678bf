import type { UseQueryResult } from '@tanstack/react-query';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Schemas } from '../../api/client';
import { useTranslate } from '../../app/preferences';
import { ProblemAlert } from '../../components/problem_alert';
import { Nothing } from '../../components/table_states';
import { isKafka } from '../../model/new_queue';
import { Deliveries } from './deliveries';
import { ReceiveForm } from './receive_form';
import type { Receiving } from './use_receiving';

interface Props {
  on: boolean;
  queue: Schemas['Queue'];
  groups: UseQueryResult<Schemas['Group'][]>;
  receiving: Receiving;
}

export function DeadLetters({ on, queue, groups, receiving }: Props) {
  const t = useTranslate();
  if (!on) {
    return (
      <Container>
        <Nothing title={t('dead.off')} text={isKafka(queue.mode) ? t('queue.deadLettersKafka') : t('dead.offText')} />
      </Container>
    );
  }
  if (groups.error && !groups.data) return <ProblemAlert error={groups.error} onRetry={() => void groups.refetch()} />;
  const total = groups.data?.reduce((sum, g) => sum + (g.counters?.dead_available ?? 0), 0);
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header variant="h2" description={t('dead.description', { n: queue.max_consume_count ?? 0 })}>
            {t('dead.title')}
          </Header>
        }
      >
        {total === 0 && receiving.list.length === 0 ? (
          <Nothing title={t('dead.none')} text={t('dead.noneText')} />
        ) : (
          <ReceiveForm groups={groups} receiving={receiving} available={(c) => c.dead_available} emptyText={t('dead.empty')} />
        )}
      </Container>
      <Deliveries receiving={receiving} canFail={false} />
    </SpaceBetween>
  );
}
