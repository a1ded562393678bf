import { expect, test } from 'vitest';
import { csv } from './csv';

test('quotes what needs it', () => {
  expect(csv(['a', 'b'], [['x,y', 'say "hi"']])).toBe('\ufeffa,b\r\n"x,y","say ""hi"""\r\n');
});
test('a cell is never a formula, a negative amount stays a number', () => {
  expect(csv(['n'], [['=1+1'], ['@x'], ['+2'], ['-0.004'], ['-cmd']])).toBe("\ufeffn\r\n'=1+1\r\n'@x\r\n'+2\r\n-0.004\r\n'-cmd\r\n");
});
