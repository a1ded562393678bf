import type { Dictionary, Key, PluralKey } from './dictionary';

export type Values = Record<string, string | number>;

export interface Translate {
  (key: Key, values?: Values): string;
  /** The form for n; {n} in it is n in the language's digits. */
  many(key: PluralKey, n: number, values?: Values): string;
  /** The text of a key that is put together from data, or undefined. */
  maybe(key: string, values?: Values): string | undefined;
  language: string;
}

export function translator(dictionary: Dictionary, language: string): Translate {
  const plural = new Intl.PluralRules(language);
  const number = new Intl.NumberFormat(language);
  const texts: Record<string, string> = dictionary;
  const t = (key: Key, values?: Values) => fill(texts[key] ?? key, values);
  return Object.assign(t, {
    many: (key: PluralKey, n: number, values?: Values) =>
      fill(texts[`${key}.${plural.select(n)}`] ?? texts[`${key}.other`] ?? key, { ...values, n: number.format(n) }),
    maybe: (key: string, values?: Values) => (texts[key] === undefined ? undefined : fill(texts[key], values)),
    language,
  });
}

/** Replaces {name} by its value; an unknown name stays, so that it is seen. */
export function fill(text: string, values: Values = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}
