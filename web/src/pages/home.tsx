import { useQueries, useQuery } from '@tanstack/react-query';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Grid from '@cloudscape-design/components/grid';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import ContentLayout from '@cloudscape-design/components/content-layout';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { ReactNode } from 'react';
import { bill, groups, prices, queues, service } from '../api/queries';
import { PageButton, PageLink } from '../app/link';
import { useTranslate } from '../app/preferences';
import { useSession } from '../app/session';
import { useTitle } from '../app/title';
import { ProblemAlert } from '../components/problem_alert';
import { percent } from '../format/decimal';
import { decimal, money } from '../format/number';
import { monthName } from '../format/time';
import { glance } from '../model/glance';
import { GetStarted } from './get_started';

export function Home() {
  const t = useTranslate();
  const { me, project } = useSession();
  useTitle(t('nav.home'));
  const state = useQuery(service);
  const list = useQuery({ ...queues(project.id), enabled: state.data?.activated === true });
  const perQueue = useQueries({ queries: (list.data ?? []).map((q) => groups(project.id, q.id)) });
  const numbers = glance(list.data, perQueue.map((q) => q.data));

  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description={t('home.description', { region: project.region })}
          actions={
            state.data?.activated && (
              <PageButton to="/queues/create" variant="primary">
                {t('queues.create')}
              </PageButton>
            )
          }
        >
          {t('home.title', { name: me.account.name })}
        </Header>
      }
    >
      <SpaceBetween size="l">
        {state.error && <ProblemAlert error={state.error} onRetry={() => void state.refetch()} />}
        {state.data && <GetStarted activated={state.data.activated} queues={list.data} consumed={numbers.consumed > 0} />}
        <Grid gridDefinition={[{ colspan: { default: 12, s: 8 } }, { colspan: { default: 12, s: 4 } }]}>
          <Container fitHeight header={<Header variant="h2">{t('home.numbers')}</Header>}>
            {list.error ? (
              <ProblemAlert error={list.error} onRetry={() => void list.refetch()} />
            ) : (
              <SpaceBetween size="m">
                <KeyValuePairs
                  columns={4}
                  items={[
                    { label: t('home.queues'), value: <Figure n={state.data?.activated === false ? 0 : list.data?.length} to="/queues" /> },
                    { label: t('home.kept'), value: <Figure n={state.data?.activated === false ? 0 : numbers.messages} /> },
                    { label: t('home.available'), value: <Figure n={state.data?.activated === false ? 0 : numbers.available} /> },
                    { label: t('home.deadLetters'), value: <Figure n={state.data?.activated === false ? 0 : numbers.deadLetters} warn /> },
                  ]}
                />
                {perQueue.some((q) => q.isError) && (
                  <Alert type="warning" statusIconAriaLabel={t('state.warning')}>
                    {t.many('home.partial', perQueue.filter((q) => q.isError).length)}
                  </Alert>
                )}
              </SpaceBetween>
            )}
          </Container>
          <Cost />
        </Grid>
      </SpaceBetween>
    </ContentLayout>
  );
}

function Figure({ n, to, warn }: { n: number | undefined; to?: string; warn?: boolean }) {
  const t = useTranslate();
  if (n === undefined) return <StatusIndicator type="loading">{t('state.loading')}</StatusIndicator>;
  const text = decimal(n, t.language);
  const shown: ReactNode = to ? (
    <PageLink to={to} fontSize="display-l" variant="secondary">
      {text}
    </PageLink>
  ) : (
    text
  );
  return (
    <Box fontSize="display-l" fontWeight="light" color={warn && n > 0 ? 'text-status-error' : 'inherit'}>
      {shown}
    </Box>
  );
}

function Cost() {
  const t = useTranslate();
  const month = useQuery(bill());
  const price = useQuery(prices);
  return (
    <Container
      fitHeight
      header={
        <Header variant="h2" actions={<PageLink to="/bill">{t('home.toBill')}</PageLink>}>
          {t('home.cost')}
        </Header>
      }
    >
      {month.error && <ProblemAlert error={month.error} onRetry={() => void month.refetch()} />}
      {!month.data && !month.error && <StatusIndicator type="loading">{t('state.loading')}</StatusIndicator>}
      {month.data && (
        <SpaceBetween size="s">
          <div>
            <Box fontSize="display-l" fontWeight="light">
              <span data-testid="cost-so-far" className="amount">{money(month.data.total, month.data.currency, t.language)}</span>
            </Box>
            <Box color="text-body-secondary">{t('home.costOf', { month: monthName(month.data.month, t.language) })}</Box>
          </div>
          {price.data && (
            <ProgressBar
              value={percent(month.data.free_api_calls, price.data.free_api_calls)}
              label={t('bill.freeTier')}
              description={t('bill.freeTierUsed', {
                used: decimal(month.data.free_api_calls, t.language),
                free: decimal(price.data.free_api_calls, t.language),
              })}
            />
          )}
        </SpaceBetween>
      )}
    </Container>
  );
}
