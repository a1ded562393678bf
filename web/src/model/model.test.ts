import { describe, expect, test } from 'vitest';
import type { Schemas } from '../api/client';
import { glance } from './glance';
import { steps } from './steps';

describe('get started', () => {
  test.each([
    [{ activated: false, queues: 0, consumed: false }, ['now', 'later', 'later']],
    [{ activated: true, queues: 0, consumed: false }, ['done', 'now', 'later']],
    [{ activated: true, queues: 2, consumed: false }, ['done', 'done', 'now']],
    [{ activated: true, queues: 1, consumed: true }, ['done', 'done', 'done']],
  ] as const)('%o', (facts, wanted) => expect(Object.values(steps(facts))).toEqual(wanted));
});

const queue = (messages: number) => ({ id: 'q', name: 'q', mode: 'NORMAL', created_at: '', retention_hours: 72, tags: [], counters: { messages, bytes: 0, groups: 1 } }) as Schemas['Queue'];
const group = (available: number, dead: number) =>
  ({ id: 'g', name: 'g', created_at: '', counters: { produced: 9, consumed: 1, available, in_flight: 0, dead_produced: dead, dead_available: dead } }) as Schemas['Group'];

describe('numbers at a glance', () => {
  test('are unknown before the queues are read', () => expect(glance(undefined, []).messages).toBeUndefined());
  test('are zero for an empty project', () => expect(glance([], [])).toEqual({ messages: 0, available: 0, deadLetters: 0, consumed: 0 }));
  test('add up over queues and groups, leaving out what could not be read', () => {
    expect(glance([queue(3), queue(4)], [[group(2, 1), group(5, 0)], undefined])).toEqual({ messages: 7, available: 7, deadLetters: 1, consumed: 2 });
  });
  test('of groups are unknown until one has come', () => expect(glance([queue(3)], [undefined]).available).toBeUndefined());
});
