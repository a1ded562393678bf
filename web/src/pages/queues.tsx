import { useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { useQuery } from '@tanstack/react-query';
import { useCollection } from '@cloudscape-design/collection-hooks';
import Badge from '@cloudscape-design/components/badge';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table, { type TableProps } from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import type { Schemas } from '../api/client';
import { queues, quotas, service } from '../api/queries';
import { useWhere } from '../app/crumbs';
import { PageButton, PageLink } from '../app/link';
import { useTranslate } from '../app/preferences';
import { useSession } from '../app/session';
import { useTitle } from '../app/title';
import { ActivateFirst } from '../components/activate';
import { Instant } from '../components/instant';
import { ProblemAlert } from '../components/problem_alert';
import { NoMatch, Nothing } from '../components/table_states';
import { decimal } from '../format/number';
import { useNarrow } from '../app/narrow';
import { DeleteQueue } from './queue/delete_queue';

type Queue = Schemas['Queue'];

export function Queues() {
  const t = useTranslate();
  const { project, path } = useSession();
  const navigate = useNavigate();
  const narrow = useNarrow();
  useTitle(t('nav.queues'));
  useWhere({ text: t('nav.queues'), to: '/queues' });

  const state = useQuery(service);
  const activated = state.data?.activated;
  const list = useQuery({ ...queues(project.id), enabled: activated === true });
  const quota = useQuery({ ...quotas(project.id), enabled: activated === true });
  const [params, setParams] = useSearchParams();
  const [deleting, setDeleting] = useState<Queue>();

  const { items, filteredItemsCount, collectionProps, filterProps, paginationProps, actions } = useCollection(list.data ?? [], {
    filtering: {
      defaultFilteringText: params.get('q') ?? '',
      fields: ['name', 'description', 'mode', 'id'],
      empty: (
        <Nothing
          title={t('queues.none')}
          text={t('queues.noneText')}
          action={<PageButton to="/queues/create">{t('queues.create')}</PageButton>}
        />
      ),
      noMatch: <NoMatch onClear={() => filter('')} />,
    },
    sorting: { defaultState: { sortingColumn: { sortingField: 'name' } } },
    pagination: { pageSize: 20 },
    selection: { trackBy: 'id' },
  });
  const failed = Boolean(list.error ?? state.error);
  const selected = collectionProps.selectedItems?.[0];

  // The filter is part of the address: a reload or a shared link shows the same queues.
  function filter(text: string) {
    actions.setFiltering(text);
    setParams(
      (before) => {
        if (text === '') before.delete('q');
        else before.set('q', text);
        return before;
      },
      { replace: true },
    );
  }

  if (activated === false) return <ActivateFirst />;

  const count = (n: number | undefined) => (n === undefined ? '–' : decimal(n, t.language));
  const columns: TableProps.ColumnDefinition<Queue>[] = [
    {
      id: 'name',
      header: t('queue.name'),
      cell: (q) => <PageLink to={`/queues/${q.id}`}>{q.name}</PageLink>,
      sortingField: 'name',
      isRowHeader: true,
      minWidth: narrow ? undefined : 160,
    },
    { id: 'mode', header: t('queue.mode'), cell: (q) => <Badge>{t(`mode.${q.mode}`)}</Badge>, sortingField: 'mode' },
    {
      id: 'messages',
      header: t('queue.messages'),
      cell: (q) => count(q.counters?.messages),
      sortingComparator: (a, b) => (a.counters?.messages ?? 0) - (b.counters?.messages ?? 0),
    },
    {
      id: 'groups',
      header: t('queue.groups'),
      cell: (q) => count(q.counters?.groups),
      sortingComparator: (a, b) => (a.counters?.groups ?? 0) - (b.counters?.groups ?? 0),
    },
    { id: 'created', header: t('queue.created'), cell: (q) => <Instant at={q.created_at} />, sortingField: 'created_at' },
  ];

  return (
    <>
      {state.error && !state.data && <ProblemAlert error={state.error} onRetry={() => void state.refetch()} />}
      {list.error && !list.data && <ProblemAlert error={list.error} onRetry={() => void list.refetch()} />}
      <Table
        {...collectionProps}
        variant="full-page"
        stickyHeader
        trackBy="id"
        selectionType="single"
        columnDefinitions={columns}
        columnDisplay={narrow ? columns.map((c) => ({ id: c.id ?? '', visible: c.id === 'name' || c.id === 'messages' })) : undefined}
        items={items}
        loading={list.isPending && !failed}
        loadingText={t('queues.loading')}
        empty={failed ? <Nothing title={t('error.header')} text={t('table.unread')} /> : collectionProps.empty}
        ariaLabels={{
          tableLabel: t('nav.queues'),
          selectionGroupLabel: t('table.selection'),
          itemSelectionLabel: (_, q) => q.name,
        }}
        header={
          <Header
            variant="awsui-h1-sticky"
            counter={list.data && (quota.data ? `(${list.data.length}/${quota.data.queues.limit})` : `(${list.data.length})`)}
            description={t('queues.description', { region: project.region })}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button iconName="refresh" ariaLabel={t('action.refresh')} loading={list.isRefetching} onClick={() => void list.refetch()} />
                <Button disabled={!selected} onClick={() => setDeleting(selected)}>
                  {t('action.delete')}
                </Button>
                <PageButton variant="primary" to="/queues/create">
                  {t('queues.create')}
                </PageButton>
              </SpaceBetween>
            }
          >
            {t('nav.queues')}
          </Header>
        }
        filter={
          <TextFilter
            {...filterProps}
            onChange={({ detail }) => filter(detail.filteringText)}
            filteringPlaceholder={t('queues.filter')}
            filteringAriaLabel={t('queues.filter')}
            filteringClearAriaLabel={t('table.clearFilter')}
            countText={t.many('table.matches', filteredItemsCount ?? 0)}
          />
        }
        pagination={<Pagination {...paginationProps} />}
        onRowClick={narrow ? ({ detail }) => void navigate(path(`/queues/${detail.item.id}`)) : undefined}
      />
      {deleting && (
        <DeleteQueue
          queue={deleting}
          onClose={() => setDeleting(undefined)}
          onDeleted={() => {
            setDeleting(undefined);
            actions.setSelectedItems([]);
          }}
        />
      )}
    </>
  );
}
