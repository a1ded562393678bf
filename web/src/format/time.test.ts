import { describe, expect, test } from 'vitest';
import { billingMonth, countdown, instant, isMonth, monthName, monthsBefore } from './time';

describe('time', () => {
  test('an instant says its zone', () => {
    expect(instant('2026-11-30T16:00:00Z', 'utc', 'en')).toBe('Nov 30, 2026, 16:00:00 (UTC)');
    expect(instant('2026-11-30T16:00:00Z', 'billing', 'en')).toBe('Dec 1, 2026, 00:00:00 (UTC+8)');
    expect(instant('2026-11-30T16:00:00Z', 'billing', 'zh-CN')).toBe('2026年12月1日 00:00:00 (UTC+8)');
  });
  test('a text that is no instant is shown as it is', () => expect(instant('soon', 'utc', 'en')).toBe('soon'));
  test('the month turns at midnight of the billing zone', () => {
    expect(billingMonth(new Date('2026-11-30T15:59:59.999Z'))).toBe('2026-11');
    expect(billingMonth(new Date('2026-11-30T16:00:00Z'))).toBe('2026-12');
  });
  test('months before go over the year', () => expect(monthsBefore('2026-02', 4)).toEqual(['2026-02', '2026-01', '2025-12', '2025-11']));
  test('month names', () => {
    expect(monthName('2026-11', 'en')).toBe('November 2026');
    expect(monthName('2026-11', 'zh-CN')).toBe('2026年11月');
  });
  test('only a month is a month', () => {
    expect(isMonth('2026-12')).toBe(true);
    for (const bad of ['2026-13', '2026-1', '', null, '2026-11-01']) expect(isMonth(bad)).toBe(false);
  });
  test('a countdown ends at zero', () => {
    expect(countdown(30_000)).toBe('0:30');
    expect(countdown(61_001)).toBe('1:02');
    expect(countdown(-5)).toBe('0:00');
  });
});
