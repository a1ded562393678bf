import type { Schemas } from '../api/client';
import { isDescription, isGroupName, isQueueName, whole } from '../forms/rules';

export type Mode = Schemas['QueueMode'];

export const modes: readonly Mode[] = ['NORMAL', 'FIFO', 'KAFKA_HA', 'KAFKA_HT'];

/** What the form for a new queue holds: texts as typed. */
export interface NewQueue {
  name: string;
  mode: Mode;
  description: string;
  group: string;
  deadLetters: boolean;
  maxConsumeCount: string;
  retentionHours: string;
}

export const newQueue: NewQueue = {
  name: '',
  mode: 'NORMAL',
  description: '',
  group: 'default',
  deadLetters: true,
  maxConsumeCount: '3',
  retentionHours: '72',
};

export const queuePointers: Record<string, keyof NewQueue> = {
  '/name': 'name',
  '/mode': 'mode',
  '/description': 'description',
  '/groups': 'group',
  '/max_consume_count': 'maxConsumeCount',
  '/retention_hours': 'retentionHours',
};

export const isKafka = (mode: Mode) => mode === 'KAFKA_HA' || mode === 'KAFKA_HT';
/** Dead letters exist in the standard modes only, and so do delays and attributes. */
export const hasDeadLetters = (mode: Mode) => !isKafka(mode);

type Checked = 'name' | 'group' | 'description' | 'maxConsumeCount' | 'retentionHours';

/** The fields that the service would refuse. */
export function wrong(v: NewQueue): Checked[] {
  const fields: Checked[] = [];
  if (!isQueueName(v.name)) fields.push('name');
  if (v.group !== '' && !isGroupName(v.group)) fields.push('group');
  if (!isDescription(v.description)) fields.push('description');
  if (hasDeadLetters(v.mode) && v.deadLetters && whole(v.maxConsumeCount, 1, 100) === undefined) fields.push('maxConsumeCount');
  if (isKafka(v.mode) && whole(v.retentionHours, 1, 72) === undefined) fields.push('retentionHours');
  return fields;
}

export function toRequest(v: NewQueue): Schemas['CreateQueueRequest'] {
  return {
    name: v.name,
    mode: v.mode,
    ...(v.description !== '' && { description: v.description }),
    ...(v.group !== '' && { groups: [v.group] }),
    ...(hasDeadLetters(v.mode) && v.deadLetters && { max_consume_count: Number(v.maxConsumeCount) }),
    ...(isKafka(v.mode) && { retention_hours: Number(v.retentionHours) }),
  };
}
