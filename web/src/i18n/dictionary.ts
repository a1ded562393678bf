import type en from './en';

/** English is the measure: another language has the same keys, or it does not compile. */
export type Key = Exclude<keyof typeof en, `${string}.one`>;
export type PluralKey = keyof typeof en extends infer K ? (K extends `${infer P}.one` ? P : never) : never;

/** Languages without a singular leave out the ".one" forms. */
export type Dictionary = Record<Key, string> & Partial<Record<keyof typeof en, string>>;

export const languages = { en: 'English', 'zh-CN': '简体中文' } as const;
export type Language = keyof typeof languages;

export function isLanguage(value: unknown): value is Language {
  return typeof value === 'string' && value in languages;
}

/** The language that the browser prefers among ours. */
export function preferredLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    if (/^zh/i.test(tag)) return 'zh-CN';
    if (/^en/i.test(tag)) return 'en';
  }
  return 'en';
}
