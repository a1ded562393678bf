import { useState } from 'react';
import type { UseQueryResult } from '@tanstack/react-query';
import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { Schemas } from '../../api/client';
import { useNow } from '../../app/clock';
import { useTranslate } from '../../app/preferences';
import { decimal } from '../../format/number';
import type { Receiving } from './use_receiving';

interface Props {
  groups: UseQueryResult<Schemas['Group'][]>;
  receiving: Receiving;
  /** How many there are for a group. */
  available: (counters: Schemas['GroupCounters']) => number;
  emptyText: string;
}

const waits = [1, 3, 10, 20, 60];
const maxima = [1, 5, 10];
const ackWaits = [30, 60, 120, 300];

export function ReceiveForm({ groups, receiving, available, emptyText }: Props) {
  const t = useTranslate();
  const [chosen, setChosen] = useState<string | undefined>(receiving.group);
  const [wait, setWait] = useState(10);
  const [max, setMax] = useState(10);
  const [ackWait, setAckWait] = useState(30);
  const polling = receiving.outcome === 'receiving';
  const now = useNow(polling);

  const list = groups.data ?? [];
  // Without a choice, the group that has something to give.
  const group = list.find((g) => g.id === chosen) ?? list.find((g) => g.counters && available(g.counters) > 0) ?? list[0];
  const seconds = (n: number) => ({ value: String(n), label: t.many('count.seconds', n) });

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (polling) receiving.cancel();
        else if (group) void receiving.receive({ group: group.id, max, wait, ackWait });
      }}
    >
      <SpaceBetween size="m">
        <ColumnLayout columns={4} minColumnWidth={150}>
          <FormField label={t('group.name')}>
            <Select
              selectedOption={group ? { value: group.id, label: group.name } : null}
              disabled={polling}
              statusType={groups.isPending ? 'loading' : 'finished'}
              options={list.map((g) => ({
                value: g.id,
                label: g.name,
                labelTag: g.counters && decimal(available(g.counters), t.language),
              }))}
              onChange={({ detail }) => {
                setChosen(detail.selectedOption.value);
                if (detail.selectedOption.value !== receiving.group) receiving.leave();
              }}
            />
          </FormField>
          <FormField label={t('receive.max')}>
            <Select
              selectedOption={{ value: String(max), label: decimal(max, t.language) }}
              disabled={polling}
              options={maxima.map((n) => ({ value: String(n), label: decimal(n, t.language) }))}
              onChange={({ detail }) => setMax(Number(detail.selectedOption.value))}
            />
          </FormField>
          <FormField label={t('receive.wait')}>
            <Select
              selectedOption={seconds(wait)}
              disabled={polling}
              options={waits.map(seconds)}
              onChange={({ detail }) => setWait(Number(detail.selectedOption.value))}
            />
          </FormField>
          <FormField label={t('receive.ackWait')}>
            <Select
              selectedOption={seconds(ackWait)}
              disabled={polling}
              options={ackWaits.map(seconds)}
              onChange={({ detail }) => setAckWait(Number(detail.selectedOption.value))}
            />
          </FormField>
        </ColumnLayout>
        <div className="receive-bar">
          {polling ? (
            <Button formAction="submit">{t('receive.cancel')}</Button>
          ) : (
            <Button formAction="submit" variant="primary" disabled={!group}>
              {t('receive.submit')}
            </Button>
          )}
          {/* Cloudscape marks the indicator's text; the region says changes aloud. */}
          <div role="status">
            {polling && (
              <StatusIndicator type="in-progress">
                {t('receive.waiting', { n: Math.max(0, Math.round((now - receiving.since) / 1000)), wait })}
              </StatusIndicator>
            )}
            {receiving.outcome === 'empty' && <StatusIndicator type="info">{emptyText}</StatusIndicator>}
            {receiving.outcome === 'cancelled' && <StatusIndicator type="stopped">{t('receive.cancelled')}</StatusIndicator>}
          </div>
        </div>
      </SpaceBetween>
    </form>
  );
}
