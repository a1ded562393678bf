import type { UseQueryResult } from '@tanstack/react-query';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Schemas } from '../../api/client';
import { useTranslate } from '../../app/preferences';
import { ProblemAlert } from '../../components/problem_alert';
import { Nothing } from '../../components/table_states';
import { Deliveries } from './deliveries';
import { ReceiveForm } from './receive_form';
import type { Receiving } from './use_receiving';

interface Props {
  queue: Schemas['Queue'];
  groups: UseQueryResult<Schemas['Group'][]>;
  receiving: Receiving;
  onGroups: () => void;
  onSend: () => void;
}

export function Receive({ queue, groups, receiving, onGroups, onSend }: Props) {
  const t = useTranslate();
  if (groups.error && !groups.data) return <ProblemAlert error={groups.error} onRetry={() => void groups.refetch()} />;
  if (groups.data?.length === 0) {
    return (
      <Container>
        <Nothing title={t('groups.none')} text={t('receive.noGroup')} action={<Button onClick={onGroups}>{t('groups.create')}</Button>} />
      </Container>
    );
  }
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header variant="h2" description={t('receive.description')} actions={<Button onClick={onSend}>{t('send.title')}</Button>}>
            {t('receive.title', { name: queue.name })}
          </Header>
        }
      >
        <ReceiveForm groups={groups} receiving={receiving} available={(c) => c.available} emptyText={t('receive.empty')} />
      </Container>
      <Deliveries receiving={receiving} canFail />
    </SpaceBetween>
  );
}
