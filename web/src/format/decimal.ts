/** Decimal strings, as the service writes money and quantities. They are never turned into a binary fraction. */

interface Scaled {
  digits: bigint;
  scale: number;
}

function parse(text: string): Scaled {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (!match) throw new RangeError(`not a decimal: ${text}`);
  const [, sign, whole, fraction = ''] = match;
  const digits = BigInt(`${whole}${fraction}`);
  return { digits: sign === '-' ? -digits : digits, scale: fraction.length };
}

function write({ digits, scale }: Scaled): string {
  const sign = digits < 0n ? '-' : '';
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0');
  const whole = text.slice(0, text.length - scale);
  const fraction = text.slice(text.length - scale).replace(/0+$/, '');
  return sign + whole + (fraction === '' ? '' : `.${fraction}`);
}

export function multiply(a: string, b: string): string {
  const x = parse(a);
  const y = parse(b);
  return write({ digits: x.digits * y.digits, scale: x.scale + y.scale });
}

export function add(a: string, b: string): string {
  const x = parse(a);
  const y = parse(b);
  const scale = Math.max(x.scale, y.scale);
  return write({ digits: widen(x, scale) + widen(y, scale), scale });
}

export function subtract(a: string, b: string): string {
  return add(a, b.startsWith('-') ? b.slice(1) : `-${b}`);
}

/** The quotient, exact to 12 places; the rest is cut off. */
export function divide(a: string, b: string): string {
  const x = parse(a);
  const y = parse(b);
  if (y.digits === 0n) throw new RangeError('division by zero');
  const scale = 12;
  return write({ digits: (x.digits * 10n ** BigInt(scale + y.scale)) / (y.digits * 10n ** BigInt(x.scale)), scale });
}

export function compare(a: string, b: string): number {
  const x = parse(a);
  const y = parse(b);
  const scale = Math.max(x.scale, y.scale);
  const difference = widen(x, scale) - widen(y, scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** part of whole in percent, 0 to 100, for a gauge. */
export function percent(part: string, whole: string): number {
  if (compare(whole, '0') <= 0) return 100;
  return Math.min(100, Number(divide(multiply(part, '100'), whole)));
}

function widen({ digits, scale }: Scaled, to: number): bigint {
  return digits * 10n ** BigInt(to - scale);
}
