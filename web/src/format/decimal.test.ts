import { describe, expect, test } from 'vitest';
import { add, compare, divide, multiply, percent, subtract } from './decimal';

describe('decimal strings', () => {
  test('a queue kept 720 hours costs 43.2', () => expect(multiply('0.06', '720')).toBe('43.2'));
  test('a call of a price per million is exact', () => expect(divide('2.00', '1000000')).toBe('0.000002'));
  test('binary fractions do not creep in', () => expect(add('0.1', '0.2')).toBe('0.3'));
  test('no digit is lost in large products', () => expect(multiply('1000000000000', '0.000002')).toBe('2000000'));
  test('signs', () => {
    expect(add('-0.005', '0.004')).toBe('-0.001');
    expect(subtract('1', '1.50')).toBe('-0.5');
    expect(subtract('1', '-1.50')).toBe('2.5');
  });
  test('order', () => expect(['10', '9.99', '-1', '0.00'].sort(compare)).toEqual(['-1', '0.00', '9.99', '10']));
  test('a gauge is full at its end and when nothing is free', () => {
    expect(percent('250000', '1000000')).toBe(25);
    expect(percent('1000001', '1000000')).toBe(100);
    expect(percent('0', '0')).toBe(100);
  });
  test('what is no decimal is refused', () => {
    for (const bad of ['', '1e3', 'NaN', '1.', '.5', '1,5']) expect(() => add(bad, '1')).toThrow(RangeError);
  });
});
