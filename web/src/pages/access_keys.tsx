import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useCollection } from '@cloudscape-design/collection-hooks';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table, { type TableProps } from '@cloudscape-design/components/table';
import { api, take, type Schemas } from '../api/client';
import { accessKeys, queryClient } from '../api/queries';
import { useWhere } from '../app/crumbs';
import { useFlash } from '../app/flash';
import { useNarrow } from '../app/narrow';
import { useTranslate } from '../app/preferences';
import { useTitle } from '../app/title';
import { ConfirmDelete } from '../components/confirm_delete';
import { Copyable } from '../components/copyable';
import { Instant } from '../components/instant';
import { ProblemAlert } from '../components/problem_alert';
import { Nothing } from '../components/table_states';
import { CreateAccessKey } from './create_access_key';

type AccessKey = Schemas['AccessKey'];

/** The service's bound on access keys of one user. */
const MOST = 2;

export function AccessKeys() {
  const t = useTranslate();
  const flash = useFlash();
  const narrow = useNarrow();
  useTitle(t('nav.accessKeys'));
  useWhere({ text: t('nav.accessKeys'), to: '/access-keys' });
  const keys = useQuery(accessKeys);
  const [creating, setCreating] = useState(false);
  const [deleting, setDeleting] = useState<AccessKey>();

  const full = (keys.data?.length ?? 0) >= MOST;
  const create = (
    <Button variant="primary" disabled={full} disabledReason={full ? t('keys.full') : undefined} onClick={() => setCreating(true)}>
      {t('keys.create')}
    </Button>
  );
  const { items, collectionProps, actions } = useCollection(keys.data ?? [], {
    sorting: { defaultState: { sortingColumn: { sortingField: 'created_at' }, isDescending: true } },
    selection: { trackBy: 'access_key' },
    filtering: { empty: <Nothing title={t('keys.none')} text={t('keys.noneText')} action={<Button onClick={() => setCreating(true)}>{t('keys.create')}</Button>} /> },
  });
  const selected = collectionProps.selectedItems?.[0];

  const columns: TableProps.ColumnDefinition<AccessKey>[] = [
    { id: 'key', header: t('keys.id'), cell: (k) => <Copyable text={k.access_key} what={t('keys.id')} />, isRowHeader: true },
    { id: 'description', header: t('queue.description'), cell: (k) => k.description || '–' },
    { id: 'created', header: t('queue.created'), cell: (k) => <Instant at={k.created_at} />, sortingField: 'created_at' },
  ];

  const remove = async (key: AccessKey) => {
    await take(api.DELETE('/api/v1/access-keys/{access_key}', { params: { path: { access_key: key.access_key } } }));
    queryClient.setQueryData(accessKeys.queryKey, (before) => before?.filter((k) => k.access_key !== key.access_key));
    flash.show({ type: 'success', content: t('keys.deleted', { key: key.access_key }) });
    setDeleting(undefined);
    actions.setSelectedItems([]);
  };

  return (
    <>
      {keys.error && !keys.data && <ProblemAlert error={keys.error} onRetry={() => void keys.refetch()} />}
      <Table
        {...collectionProps}
        variant="full-page"
        trackBy="access_key"
        selectionType="single"
        items={items}
        columnDefinitions={columns}
        columnDisplay={columns.map((c) => ({ id: c.id ?? '', visible: !narrow || c.id !== 'created' }))}
        loading={keys.isPending && !keys.error}
        loadingText={t('keys.loading')}
        empty={keys.error ? <Nothing title={t('error.header')} text={t('table.unread')} /> : collectionProps.empty}
        ariaLabels={{ tableLabel: t('nav.accessKeys'), selectionGroupLabel: t('table.selection'), itemSelectionLabel: (_, k) => k.access_key }}
        header={
          <Header
            variant="awsui-h1-sticky"
            counter={keys.data && `(${keys.data.length}/${MOST})`}
            description={t('keys.description')}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button disabled={!selected} onClick={() => setDeleting(selected)}>
                  {t('action.delete')}
                </Button>
                {create}
              </SpaceBetween>
            }
          >
            {t('nav.accessKeys')}
          </Header>
        }
      />
      {creating && <CreateAccessKey onClose={() => setCreating(false)} />}
      {deleting && (
        <ConfirmDelete
          title={t('keys.delete')}
          // The end of the key is enough to be sure which one it is.
          word={deleting.access_key.slice(-4)}
          prompt={t('keys.deletePrompt')}
          submit={t('action.delete')}
          onClose={() => setDeleting(undefined)}
          onDelete={() => remove(deleting)}
          consequence={t('keys.deleteLoses', { key: deleting.access_key })}
        />
      )}
    </>
  );
}
