import { useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { useQueries, useQuery } from '@tanstack/react-query';
import { useCollection } from '@cloudscape-design/collection-hooks';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import Table, { type TableProps } from '@cloudscape-design/components/table';
import type { Schemas } from '../api/client';
import { bill, prices, queues, service } from '../api/queries';
import { useWhere } from '../app/crumbs';
import { PageLink } from '../app/link';
import { useNarrow } from '../app/narrow';
import { useTranslate } from '../app/preferences';
import { useSession } from '../app/session';
import { useTitle } from '../app/title';
import { PageLoading } from '../components/page_loading';
import { ProblemAlert } from '../components/problem_alert';
import { Nothing } from '../components/table_states';
import { compare, percent } from '../format/decimal';
import { download } from '../format/download';
import { decimal, money } from '../format/number';
import { billingMonth, isMonth, monthName, monthsBefore } from '../format/time';
import { billCsv, billRows, isRunning, type BillRow } from '../model/bill_lines';

export function BillPage() {
  const t = useTranslate();
  const { me } = useSession();
  const [params, setParams] = useSearchParams();
  const present = billingMonth(new Date());
  const asked = params.get('month');
  const month = isMonth(asked) ? asked : present;
  useTitle(`${t('nav.bill')} ${monthName(month, t.language)}`);
  useWhere({ text: t('nav.bill'), to: '/bill' });

  const { data, error, isPending, isRefetching, refetch } = useQuery(bill(month));
  const price = useQuery(prices);
  // A bill spans all regions: the names come from every project's queues. Where one cannot be read, ids stay.
  const { data: state } = useQuery(service);
  const lists = useQueries({ queries: state?.activated ? me.projects.map((p) => queues(p.id)) : [] });
  const known = lists.map((l) => l.data).flat();
  const names = useMemo(
    () => new Map(known.filter((q) => q !== undefined).map((q) => [q.id, q.name])),
    // The array is new each time; what is in it seldom is.
    [known.map((q) => `${q?.id}${q?.name}`).join()],
  );

  const months = monthsBefore(present, 12);
  const options = (months.includes(month) ? months : [month, ...months]).map((m) => ({ value: m, label: monthName(m, t.language) }));

  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description={t('bill.description')}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button iconName="refresh" ariaLabel={t('action.refresh')} loading={isRefetching} onClick={() => void refetch()} />
              <Select
                ariaLabel={t('bill.month')}
                selectedOption={{ value: month, label: monthName(month, t.language) }}
                options={options}
                onChange={({ detail }) =>
                  setParams((before) => {
                    before.set('month', detail.selectedOption.value ?? present);
                    return before;
                  })
                }
              />
              <Button
                iconName="download"
                disabled={!data}
                onClick={() => data && download(`dms-bill-${data.account_name}-${data.month}.csv`, billCsv(data, names), 'text/csv')}
              >
                CSV
              </Button>
            </SpaceBetween>
          }
        >
          {t('nav.bill')}
        </Header>
      }
    >
      {error && !data ? (
        <ProblemAlert error={error} onRetry={() => void refetch()} />
      ) : isPending || !data ? (
        <PageLoading />
      ) : (
        <SpaceBetween size="l">
          <Totals bill={data} prices={price.data} />
          <Lines bill={data} names={names} />
        </SpaceBetween>
      )}
    </ContentLayout>
  );
}

const statusTypes: Record<Schemas['Bill']['status'], StatusIndicatorProps.Type> = { open: 'in-progress', draft: 'pending', final: 'success' };

function Totals({ bill: b, prices: p }: { bill: Schemas['Bill']; prices: Schemas['Prices'] | undefined }) {
  const t = useTranslate();
  const narrow = useNarrow();
  return (
    <Container
      header={
        <Header variant="h2" description={t(`bill.status.${b.status}.text`)}>
          {monthName(b.month, t.language)}
        </Header>
      }
    >
      <KeyValuePairs
        columns={4}
        items={[
          {
            label: b.status === 'open' ? t('bill.totalSoFar') : t('bill.total'),
            value: (
              <Box fontSize={narrow ? 'heading-xl' : 'display-l'} fontWeight={narrow ? 'bold' : 'light'}>
                <span data-testid="bill-total" className="amount">{money(b.total, b.currency, t.language)}</span>
              </Box>
            ),
          },
          { label: t('bill.status'), value: <StatusIndicator type={statusTypes[b.status]}>{t(`bill.status.${b.status}`)}</StatusIndicator> },
          { label: t('bill.queueHours'), value: decimal(b.queue_hours, t.language) },
          { label: t('bill.apiCalls'), value: decimal(b.api_calls, t.language) },
        ]}
      />
      {p && (
        <Box padding={{ top: 'l' }}>
          <ProgressBar
            value={percent(b.free_api_calls, p.free_api_calls)}
            label={t('bill.freeTier')}
            description={t('bill.freeTierText')}
            additionalInfo={t('bill.freeTierUsed', { used: decimal(b.free_api_calls, t.language), free: decimal(p.free_api_calls, t.language) })}
          />
        </Box>
      )}
    </Container>
  );
}

function Lines({ bill: b, names }: { bill: Schemas['Bill']; names: ReadonlyMap<string, string> }) {
  const t = useTranslate();
  const narrow = useNarrow();
  const { items, collectionProps } = useCollection(billRows(b.lines, names), {
    sorting: {},
    filtering: { empty: <Nothing title={t('bill.none')} text={t('bill.noneText')} /> },
  });
  const byDecimal = (of: (row: BillRow) => string) => (x: BillRow, y: BillRow) => compare(of(x), of(y));

  const columns: TableProps.ColumnDefinition<BillRow>[] = [
    {
      id: 'meter',
      header: t('bill.meter'),
      cell: (row) => (
        <>
          {t(`meter.${row.meter}`)}
          {row.meter === 'api_calls' && compare(row.unit_price, '0') === 0 && ` (${t('bill.free')})`}
        </>
      ),
      sortingField: 'meter',
      isRowHeader: true,
      minWidth: narrow ? undefined : 130,
    },
    { id: 'queue', header: t('bill.queue'), cell: (row) => <QueueOfLine row={row} />, sortingField: 'queueName', minWidth: narrow ? undefined : 150 },
    {
      id: 'quantity',
      header: t('bill.quantity'),
      cell: (row) => `${decimal(row.quantity, t.language)} ${t.maybe(`unit.${row.unit}`) ?? row.unit}`,
      sortingComparator: byDecimal((row) => row.quantity),
    },
    {
      id: 'price',
      header: t('bill.unitPrice'),
      cell: (row) => money(row.unit_price, b.currency, t.language),
      sortingComparator: byDecimal((row) => row.unit_price),
    },
    {
      id: 'amount',
      header: t('bill.amount'),
      cell: (row) => money(row.amount, b.currency, t.language),
      sortingComparator: byDecimal((row) => row.amount),
    },
    {
      id: 'closed',
      header: t('bill.state'),
      cell: (row) =>
        row.closed ? (
          <StatusIndicator type="success">{t('bill.closed')}</StatusIndicator>
        ) : (
          <StatusIndicator type="in-progress">{t('bill.running')}</StatusIndicator>
        ),
      sortingField: 'closed',
    },
  ];

  return (
    <Table
      {...collectionProps}
      variant="container"
      trackBy="id"
      items={items}
      columnDefinitions={columns}
      columnDisplay={columns.map((c) => ({ id: c.id ?? '', visible: !narrow || ['meter', 'queue', 'amount'].includes(c.id ?? '') }))}
      ariaLabels={{ tableLabel: t('bill.lines') }}
      header={
        <Header variant="h2" counter={`(${b.lines.length})`} description={isRunning(b.lines) ? t('bill.linesRunning') : t('bill.linesText')}>
          {t('bill.lines')}
        </Header>
      }
      footer={
        b.lines.length > 0 && (
          <div className="bill-sum">
            <span>{t('bill.rounding')}</span>
            <span>{money(b.rounding, b.currency, t.language)}</span>
            <strong>{b.status === 'open' ? t('bill.totalSoFar') : t('bill.total')}</strong>
            <strong>{money(b.total, b.currency, t.language)}</strong>
          </div>
        )
      }
    />
  );
}

function QueueOfLine({ row }: { row: BillRow }) {
  const t = useTranslate();
  const { project } = useSession();
  if (row.queue_id === '') return <>{t('bill.noQueue')}</>;
  if (row.queueName === undefined) {
    return (
      <span title={row.queue_id}>
        {t('bill.deletedQueue')} <code className="id">{row.queue_id.slice(0, 8)}…</code>
      </span>
    );
  }
  return row.project_id === project.id ? <PageLink to={`/queues/${row.queue_id}`}>{row.queueName}</PageLink> : <>{row.queueName}</>;
}
