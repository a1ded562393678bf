import { describe, expect, test } from 'vitest';
import { inRegion, safeNext } from './session';

describe('after signing in', () => {
  test('one is back where one was', () => expect(safeNext('/queues/1?tab=send')).toBe('/queues/1?tab=send'));
  test('but never on another site', () => {
    for (const bad of ['//evil.example', 'https://evil.example', '/\\evil.example', 'javascript:alert(1)', '', null]) expect(safeNext(bad)).toBe('/');
  });
  test('and never in a circle', () => expect(safeNext('/sign-in?next=/')).toBe('/'));
});

describe('links stay in the region', () => {
  test('the default region is not named', () => expect(inRegion('/queues?q=a', undefined)).toBe('/queues?q=a'));
  test('another is', () => expect(inRegion('/queues?q=a', 'r2')).toBe('/queues?q=a&region=r2'));
});
