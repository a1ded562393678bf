import { describe, expect, test } from 'vitest';
import { delayMs, emptyMessage, formatJson, messageSize, outgoingErrors, splitLabels, toMessage } from './outgoing';

const message = { ...emptyMessage, body: '{"order": 1}' };

describe('a message to send', () => {
  test('is the JSON value that was typed', () => expect(toMessage(message, false)).toEqual({ body: { order: 1 } }));
  test('is a string when text was typed', () => expect(toMessage({ ...message, format: 'text', body: '{"a"' }, false)).toEqual({ body: '{"a"' }));
  test('carries attributes, labels and a delay', () => {
    expect(toMessage({ ...message, attributes: '{"k": 1}', labels: 'a, b', delay: '1.5', delayUnit: 'min' }, false)).toEqual({
      body: { order: 1 },
      attributes: { k: 1 },
      labels: ['a', 'b'],
      delay_ms: 90_000,
    });
  });
  test('of a Kafka queue has no attributes and no delay', () => {
    expect(toMessage({ ...message, attributes: '{"k": 1}', delay: '5' }, true)).toEqual({ body: { order: 1 } });
    expect(outgoingErrors({ ...message, attributes: 'nonsense', delay: 'x' }, true)).toEqual([]);
  });
  test.each([
    [{ body: '' }, ['body']],
    [{ body: '{"a":' }, ['bodyJson']],
    [{ body: '{"a":', format: 'text' }, []],
    [{ body: 'x'.repeat(524_288), format: 'text' }, []],
    [{ body: 'x'.repeat(524_289), format: 'text' }, ['size']],
    [{ attributes: '[1]' }, ['attributes']],
    [{ attributes: 'null' }, ['attributes']],
    [{ labels: 'a b c' }, []],
    [{ labels: 'a b c d' }, ['labelCount']],
    [{ labels: 'ä' }, ['labels']],
    [{ labels: 'a'.repeat(65) }, ['labels']],
    [{ delay: '168', delayUnit: 'h' }, []],
    [{ delay: '168.001', delayUnit: 'h' }, ['delay']],
    [{ delay: '-1' }, ['delay']],
    [{ delay: 'soon' }, ['delay']],
  ] as const)('%o is wrong in %o', (part, wanted) => expect(outgoingErrors({ ...message, ...part }, false)).toEqual(wanted));
});

test('size counts a string without its quotes, and the attributes', () => {
  expect(messageSize({ ...emptyMessage, body: '"äb"' })).toBe(3);
  expect(messageSize({ ...emptyMessage, format: 'text', body: 'äb' })).toBe(3);
  expect(messageSize({ ...emptyMessage, body: '{ "a": 1 }', attributes: '{"k": 2}' })).toBe(14);
});
test('labels are split at commas and spaces', () => expect(splitLabels(' a,b，c  d ')).toEqual(['a', 'b', 'c', 'd']));
test('no delay is no delay', () => expect(delayMs(emptyMessage)).toBeUndefined());
test('formatting', () => {
  expect(formatJson('{"a":[1]}')).toBe('{\n  "a": [\n    1\n  ]\n}');
  expect(formatJson('{')).toBeUndefined();
});
