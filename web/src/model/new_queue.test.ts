import { describe, expect, test } from 'vitest';
import { newQueue, toRequest, wrong } from './new_queue';

describe('a new queue', () => {
  test('needs nothing but a name', () => {
    expect(wrong(newQueue)).toEqual(['name']);
    expect(wrong({ ...newQueue, name: 'orders' })).toEqual([]);
    expect(toRequest({ ...newQueue, name: 'orders' })).toEqual({ name: 'orders', mode: 'NORMAL', groups: ['default'], max_consume_count: 3 });
  });
  test('of a Kafka mode has a retention and no dead letters', () => {
    expect(toRequest({ ...newQueue, name: 'log', mode: 'KAFKA_HT', retentionHours: '24' })).toEqual({ name: 'log', mode: 'KAFKA_HT', groups: ['default'], retention_hours: 24 });
  });
  test('may go without group and dead letters', () => {
    expect(toRequest({ ...newQueue, name: 'a', group: '', deadLetters: false, description: 'x' })).toEqual({ name: 'a', mode: 'NORMAL', description: 'x' });
  });
  test.each([
    [{ name: 'a'.repeat(64) }, []],
    [{ name: 'a'.repeat(65) }, ['name']],
    [{ name: 'sp ace' }, ['name']],
    [{ group: 'g'.repeat(32) }, []],
    [{ group: 'g'.repeat(33) }, ['group']],
    [{ description: '说'.repeat(160) }, []],
    [{ description: '说'.repeat(161) }, ['description']],
    [{ description: 'a<b' }, ['description']],
    [{ maxConsumeCount: '100' }, []],
    [{ maxConsumeCount: '101' }, ['maxConsumeCount']],
    [{ maxConsumeCount: '0' }, ['maxConsumeCount']],
    [{ maxConsumeCount: '' }, ['maxConsumeCount']],
    [{ maxConsumeCount: 'x', deadLetters: false }, []],
    [{ mode: 'KAFKA_HA', retentionHours: '72' }, []],
    [{ mode: 'KAFKA_HA', retentionHours: '73' }, ['retentionHours']],
    [{ mode: 'KAFKA_HA', maxConsumeCount: 'x' }, []],
  ] as const)('%o is wrong in %o', (part, fields) => expect(wrong({ ...newQueue, name: 'q', ...part })).toEqual(fields));
});
