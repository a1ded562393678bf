import { useState } from 'react';
import type { UseQueryResult } from '@tanstack/react-query';
import { useCollection } from '@cloudscape-design/collection-hooks';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table, { type TableProps } from '@cloudscape-design/components/table';
import { api, take, type Schemas } from '../../api/client';
import { countersChanged } from '../../api/queries';
import { useFlash } from '../../app/flash';
import { useNarrow } from '../../app/narrow';
import { useTranslate } from '../../app/preferences';
import { useSession } from '../../app/session';
import { ConfirmDelete } from '../../components/confirm_delete';
import { Copyable } from '../../components/copyable';
import { Instant } from '../../components/instant';
import { ProblemAlert } from '../../components/problem_alert';
import { Nothing } from '../../components/table_states';
import { decimal } from '../../format/number';
import { CreateGroup } from './create_group';

type Group = Schemas['Group'];

interface Props {
  queue: Schemas['Queue'];
  groups: UseQueryResult<Group[]>;
}

export function Groups({ queue, groups }: Props) {
  const t = useTranslate();
  const { project } = useSession();
  const flash = useFlash();
  const narrow = useNarrow();
  const [creating, setCreating] = useState(false);
  const [deleting, setDeleting] = useState<Group>();

  const create = <Button onClick={() => setCreating(true)}>{t('groups.create')}</Button>;
  const { items, collectionProps, actions } = useCollection(groups.data ?? [], {
    sorting: {},
    selection: { trackBy: 'id' },
    filtering: { empty: <Nothing title={t('groups.none')} text={t('groups.noneText')} action={create} /> },
  });
  const selected = collectionProps.selectedItems?.[0];

  const number = (id: keyof Schemas['GroupCounters'], header: string): TableProps.ColumnDefinition<Group> => ({
    id,
    header,
    cell: (g) => (g.counters ? decimal(g.counters[id], t.language) : '–'),
    // On a telephone the arrow of the sorting would take the room of a column.
    sortingComparator: narrow ? undefined : (a, b) => (a.counters?.[id] ?? 0) - (b.counters?.[id] ?? 0),
  });
  const columns: TableProps.ColumnDefinition<Group>[] = [
    { id: 'name', header: t('group.name'), cell: (g) => g.name, sortingField: 'name', isRowHeader: true, minWidth: narrow ? undefined : 120 },
    number('available', t('group.available')),
    number('in_flight', t('group.inFlight')),
    number('consumed', t('group.consumed')),
    number('dead_available', t('queue.deadLetters')),
    { id: 'created', header: t('queue.created'), cell: (g) => <Instant at={g.created_at} />, sortingField: 'created_at' },
    { id: 'id', header: t('group.id'), cell: (g) => <Copyable text={g.id} what={t('group.id')} /> },
  ];
  const onPhone = ['name', 'available', 'dead_available'];

  const remove = async (group: Group) => {
    await take(
      api.DELETE('/api/v1/projects/{project_id}/queues/{queue_id}/groups/{group_id}', {
        params: { path: { project_id: project.id, queue_id: queue.id, group_id: group.id } },
      }),
    );
    flash.show({ type: 'success', content: t('group.deleted', { name: group.name }) });
    setDeleting(undefined);
    actions.setSelectedItems([]);
    countersChanged(project.id);
  };

  return (
    <SpaceBetween size="s">
      {groups.error && <ProblemAlert error={groups.error} onRetry={() => void groups.refetch()} />}
      <Table
        {...collectionProps}
        trackBy="id"
        selectionType="single"
        items={items}
        columnDefinitions={columns}
        columnDisplay={columns.map((c) => ({ id: c.id ?? '', visible: !narrow || onPhone.includes(c.id ?? '') }))}
        loading={groups.isPending && !groups.error}
        loadingText={t('groups.loading')}
        empty={groups.error ? <Nothing title={t('error.header')} text={t('table.unread')} /> : collectionProps.empty}
        ariaLabels={{ tableLabel: t('tab.groups'), selectionGroupLabel: t('table.selection'), itemSelectionLabel: (_, g) => g.name }}
        header={
          <Header
            variant="h2"
            counter={groups.data && `(${groups.data.length})`}
            description={t('groups.description')}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button disabled={!selected} onClick={() => setDeleting(selected)}>
                  {t('action.delete')}
                </Button>
                {create}
              </SpaceBetween>
            }
          >
            {t('tab.groups')}
          </Header>
        }
      />
      {creating && <CreateGroup queue={queue} onClose={() => setCreating(false)} />}
      {deleting && (
        <ConfirmDelete
          title={t('group.delete')}
          word={deleting.name}
          prompt={t('group.deletePrompt')}
          submit={t('action.delete')}
          onClose={() => setDeleting(undefined)}
          onDelete={() => remove(deleting)}
          consequence={t('group.deleteLoses', {
            available: t.many('count.messages', deleting.counters?.available ?? 0),
            dead: t.many('count.deadLetters', deleting.counters?.dead_available ?? 0),
          })}
        />
      )}
    </SpaceBetween>
  );
}
