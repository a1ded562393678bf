import { useState } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { useQuery } from '@tanstack/react-query';
import Badge from '@cloudscape-design/components/badge';
import Button from '@cloudscape-design/components/button';
import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tabs from '@cloudscape-design/components/tabs';
import { isApiError } from '../api/problem';
import { countersChanged, groups, queue } from '../api/queries';
import { useWhere } from '../app/crumbs';
import { useTranslate } from '../app/preferences';
import { useSession } from '../app/session';
import { useTitle } from '../app/title';
import { ActivateFirst } from '../components/activate';
import { PageLoading } from '../components/page_loading';
import { ProblemAlert } from '../components/problem_alert';
import { hasDeadLetters } from '../model/new_queue';
import { NotFound } from './not_found';
import { DeadLetters } from './queue/dead_letters';
import { DeleteQueue } from './queue/delete_queue';
import { Groups } from './queue/groups';
import { Overview } from './queue/overview';
import { Receive } from './queue/receive';
import { Send } from './queue/send';
import { useReceiving } from './queue/use_receiving';

const tabs = ['overview', 'send', 'receive', 'groups', 'dead-letters'] as const;
type Tab = (typeof tabs)[number];

export function QueuePage() {
  const { id = '' } = useParams();
  // Another queue is another page: nothing of the one before may stay.
  return <OneQueue key={id} id={id} />;
}

function OneQueue({ id }: { id: string }) {
  const t = useTranslate();
  const navigate = useNavigate();
  const { project, path } = useSession();
  const [params, setParams] = useSearchParams();
  const [deleting, setDeleting] = useState(false);
  const { data: q, error, refetch, isRefetching } = useQuery(queue(project.id, id));
  const its = useQuery({ ...groups(project.id, id), enabled: q !== undefined });
  // Deliveries belong to the page, not to a tab: looking at another tab must not lose a message that waits for its ack.
  const receiving = useReceiving(project.id, id, 'messages');
  const deadReceiving = useReceiving(project.id, id, 'dead-letters');

  const wanted = params.get('tab');
  const tab: Tab = tabs.find((name) => name === wanted) ?? 'overview';
  useTitle(q ? `${q.name} · ${t(`tab.${tab}`)}` : t('nav.queues'));
  useWhere({ text: t('nav.queues'), to: '/queues' }, { text: q?.name ?? '…', to: `/queues/${id}` });

  const go = (to: string) =>
    setParams((before) => {
      before.set('tab', to);
      return before;
    });

  if (error && !q) {
    if (isApiError(error) && error.code === 'service_not_activated') return <ActivateFirst />;
    const gone = isApiError(error) && (error.status === 404 || error.status === 400);
    return gone ? <NotFound title={t('queue.unknown')} text={t('queue.unknownText', { id })} /> : <ProblemAlert error={error} onRetry={() => void refetch()} page />;
  }
  if (!q) return <PageLoading />;

  const dead = its.data?.reduce((sum, g) => sum + (g.counters?.dead_available ?? 0), 0) ?? 0;

  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          info={<Badge>{t(`mode.${q.mode}`)}</Badge>}
          description={q.description}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button iconName="refresh" ariaLabel={t('action.refresh')} loading={isRefetching} onClick={() => countersChanged(project.id)} />
              <Button onClick={() => setDeleting(true)}>{t('action.delete')}</Button>
            </SpaceBetween>
          }
        >
          {q.name}
        </Header>
      }
    >
      <Tabs
        activeTabId={tab}
        onChange={({ detail }) => go(detail.activeTabId)}
        ariaLabel={t('queue.tabs')}
        tabs={[
          { id: 'overview', label: t('tab.overview'), content: <Overview queue={q} groups={its.data} /> },
          { id: 'send', label: t('tab.send'), content: <Send queue={q} groups={its.data} onReceive={() => go('receive')} /> },
          {
            id: 'receive',
            label: t('tab.receive'),
            content: <Receive queue={q} groups={its} receiving={receiving} onGroups={() => go('groups')} onSend={() => go('send')} />,
          },
          { id: 'groups', label: t('tab.groups'), content: <Groups queue={q} groups={its} /> },
          {
            id: 'dead-letters',
            label: dead > 0 ? `${t('tab.dead-letters')} (${dead})` : t('tab.dead-letters'),
            content: <DeadLetters on={hasDeadLetters(q.mode) && q.max_consume_count !== undefined} queue={q} groups={its} receiving={deadReceiving} />,
          },
        ]}
      />
      {deleting && <DeleteQueue queue={q} onClose={() => setDeleting(false)} onDeleted={() => void navigate(path('/queues'))} />}
    </ContentLayout>
  );
}
