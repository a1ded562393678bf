import { divide, multiply } from './decimal';

/** Intl formats a decimal string digit by digit; TypeScript's library only knows that for later targets. */
type Exact = number & string;

export function decimal(value: string | number, language: string): string {
  return new Intl.NumberFormat(language, { maximumFractionDigits: 12 }).format(value as Exact);
}

/** An amount with its currency and at least the currency's own digits; more only where the amount has them. */
export function money(amount: string, currency: string, language: string): string {
  return new Intl.NumberFormat(language, {
    style: 'currency',
    currency,
    currencyDisplay: language.startsWith('zh') ? 'narrowSymbol' : 'code',
    maximumFractionDigits: 12,
  }).format(amount as Exact);
}

/** A size in the units that the limits are written in: 512 KiB. */
export function bytes(n: number, language: string): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;
  let value = n;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(value)}\u00a0${units[unit]}`;
}

/** A month of 30 days in the unit that a queue's price is for. */
export function monthly(price: { amount: string; per: string; unit: string }): string {
  const units = /minute/.test(price.unit) ? 30 * 24 * 60 : 30 * 24;
  return divide(multiply(price.amount, String(units)), price.per);
}
