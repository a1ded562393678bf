import { describe, expect, test } from 'vitest';
import { isOpen, openHandlers, received, type Received } from './received';

const message = (id: string, handler = `h-${id}`) => ({ id, handler, body: id, receive_count: 1, sent_at: '2026-11-24T08:00:00Z' });
const arrive = (list: readonly Received[], deadline: number, ...ids: string[]) => received(list, { type: 'arrived', deadline, messages: ids.map((id) => message(id)) });
const states = (list: readonly Received[]) => Object.fromEntries(list.map((r) => [r.message.id, r.state]));

describe('received messages', () => {
  test('can be settled until their ack wait is over', () => {
    const [first] = arrive([], 1000, 'a');
    expect(isOpen(first!, 999)).toBe(true);
    expect(isOpen(first!, 1000)).toBe(false);
  });
  test('the first that the service accepted are done, the others are lost', () => {
    let list = arrive([], 1000, 'a', 'b', 'c');
    list = received(list, { type: 'settling', handlers: ['h-a', 'h-b'] });
    expect(states(list)).toEqual({ a: 'settling', b: 'settling', c: 'waiting' });
    list = received(list, { type: 'settled', handlers: ['h-a', 'h-b'], accepted: 1, failed: false });
    expect(states(list)).toEqual({ a: 'acknowledged', b: 'lost', c: 'waiting' });
  });
  test('a failed consumption is told apart', () => {
    const list = received(arrive([], 1000, 'a'), { type: 'settled', handlers: ['h-a'], accepted: 1, failed: true });
    expect(states(list)).toEqual({ a: 'failed' });
  });
  test('can be tried again when the request did not get through', () => {
    let list = received(arrive([], 1000, 'a'), { type: 'settling', handlers: ['h-a'] });
    list = received(list, { type: 'unsettled', handlers: ['h-a'] });
    expect(openHandlers(list, 0)).toEqual(['h-a']);
  });
  test('a redelivery takes the place of the overdue delivery', () => {
    const list = received(arrive([], 1000, 'a'), { type: 'arrived', deadline: 2000, messages: [message('a', 'second')] });
    expect(list.map((r) => r.message.handler)).toEqual(['second']);
  });
  test('are settled in the order in which they came, ten at a time', () => {
    let list = arrive([], 1000, '1', '2');
    list = arrive(list, 2000, '3');
    expect(openHandlers(list, 0)).toEqual(['h-1', 'h-2', 'h-3']);
    expect(openHandlers(list, 1500)).toEqual(['h-3']);
    list = arrive(list, 3000, ...Array.from({ length: 10 }, (_, i) => `x${i}`));
    expect(openHandlers(list, 0)).toHaveLength(10);
  });
  test('clearing keeps what is still to be settled', () => {
    let list = arrive([], 1000, 'a', 'b');
    list = received(list, { type: 'settled', handlers: ['h-a'], accepted: 1, failed: false });
    expect(states(received(list, { type: 'clear' }))).toEqual({ b: 'waiting' });
  });
});
