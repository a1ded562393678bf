import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Box from '@cloudscape-design/components/box';
import type { Schemas } from '../../api/client';
import { regions } from '../../api/queries';
import { PageLink } from '../../app/link';
import { useTranslate } from '../../app/preferences';
import { useSession } from '../../app/session';
import { Copyable } from '../../components/copyable';
import { Instant } from '../../components/instant';
import { Snippet } from '../../components/snippet';
import { bytes, decimal } from '../../format/number';
import { isKafka } from '../../model/new_queue';
import { curlSnippet, goSnippet } from '../../model/snippets';

interface Props {
  queue: Schemas['Queue'];
  groups: Schemas['Group'][] | undefined;
}

export function Overview({ queue, groups }: Props) {
  const t = useTranslate();
  const { me, project } = useSession();
  const { data: all } = useQuery(regions);
  const [language, setLanguage] = useState<'curl' | 'go'>('curl');
  const region = all?.find((r) => r.name === project.region);
  const endpoint = region?.endpoint || location.origin;
  const target = {
    endpoint,
    region: project.region,
    project: project.id,
    queue: queue.id,
    group: groups?.[0]?.id,
    account: me.account.name,
    user: me.user.name,
  };
  const counters = queue.counters;
  const sum = (of: (c: Schemas['GroupCounters']) => number) => groups?.reduce((n, g) => n + (g.counters ? of(g.counters) : 0), 0);
  const count = (n: number | undefined) => (n === undefined ? '–' : decimal(n, t.language));

  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">{t('queue.state')}</Header>}>
        <KeyValuePairs
          columns={4}
          items={[
            { label: t('queue.messages'), value: count(counters?.messages) },
            { label: t('queue.size'), value: counters ? bytes(counters.bytes, t.language) : '–' },
            { label: t('group.available'), value: count(sum((c) => c.available)) },
            { label: t('group.inFlight'), value: count(sum((c) => c.in_flight)) },
          ]}
        />
      </Container>
      <Container header={<Header variant="h2">{t('queue.facts')}</Header>}>
        <KeyValuePairs
          columns={2}
          items={[
            { label: t('queue.id'), value: <Copyable text={queue.id} what={t('queue.id')} /> },
            { label: t('queue.projectId'), value: <Copyable text={project.id} what={t('queue.projectId')} /> },
            { label: t('queue.endpoint'), value: <Copyable text={endpoint} what={t('queue.endpoint')} /> },
            { label: t('queue.region'), value: project.region },
            { label: t('queue.created'), value: <Instant at={queue.created_at} /> },
            { label: t('queue.retention'), value: t.many('queue.retentionHours', queue.retention_hours) },
            {
              label: t('queue.deadLetters'),
              value:
                queue.max_consume_count !== undefined
                  ? t.many('queue.deadLettersAfter', queue.max_consume_count)
                  : isKafka(queue.mode)
                    ? t('queue.deadLettersKafka')
                    : t('queue.deadLettersOff'),
            },
            { label: t('queue.mode'), value: t(`mode.${queue.mode}.text`) },
          ]}
        />
      </Container>
      <Container
        header={
          <Header
            variant="h2"
            description={t('snippet.description')}
            actions={
              <SegmentedControl
                label={t('snippet.language')}
                selectedId={language}
                onChange={({ detail }) => setLanguage(detail.selectedId as 'curl' | 'go')}
                options={[
                  { id: 'curl', text: 'curl' },
                  { id: 'go', text: 'Go SDK' },
                ]}
              />
            }
          >
            {t('snippet.title')}
          </Header>
        }
      >
        <SpaceBetween size="s">
          {target.group === undefined && groups && <Box color="text-body-secondary">{t('snippet.noGroup')}</Box>}
          {language === 'curl' ? (
            <Snippet code={curlSnippet(target)} label={t('snippet.curl')} />
          ) : (
            <>
              <Box color="text-body-secondary">
                {t('snippet.needsKey')} <PageLink to="/access-keys">{t('nav.accessKeys')}</PageLink>
              </Box>
              <Snippet code={goSnippet(target)} label={t('snippet.go')} />
            </>
          )}
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}
