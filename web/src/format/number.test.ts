import { describe, expect, test } from 'vitest';
import { bytes, decimal, money, monthly } from './number';

const spaces = (text: string) => text.replace(/\u00a0/g, ' ');

describe('numbers', () => {
  test('money has its currency and its digits', () => {
    expect(spaces(money('43.2', 'CNY', 'en'))).toBe('CNY 43.20');
    expect(spaces(money('43.2', 'CNY', 'zh-CN'))).toBe('¥43.20');
    expect(spaces(money('0.000002', 'CNY', 'en'))).toBe('CNY 0.000002');
    expect(spaces(money('-0.004', 'CNY', 'en'))).toBe('-CNY 0.004');
    expect(spaces(money('12345678901234567890.12', 'CNY', 'en'))).toBe('CNY 12,345,678,901,234,567,890.12');
    expect(spaces(money('7', 'JPY', 'en'))).toBe('JPY 7');
  });
  test('quantities keep all digits', () => expect(decimal('9007199254740993', 'en')).toBe('9,007,199,254,740,993'));
  test('a month of the list price', () => {
    expect(monthly({ amount: '0.06', per: '1', unit: 'queue-hour' })).toBe('43.2');
    expect(monthly({ amount: '0.001', per: '1', unit: 'queue-minute' })).toBe('43.2');
  });
  test('sizes', () => {
    expect(spaces(bytes(1, 'en'))).toBe('1 B');
    expect(spaces(bytes(1536, 'en'))).toBe('1.5 KiB');
    expect(spaces(bytes(524288, 'en'))).toBe('512 KiB');
  });
});
