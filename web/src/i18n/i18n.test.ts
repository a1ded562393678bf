import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { preferredLanguage, type Dictionary } from './dictionary';
import en from './en';
import { problemText } from './problem_text';
import { fill, translator } from './translate';
import zhCN from './zh-CN';

const languages: Record<string, Dictionary> = { en, 'zh-CN': zhCN };
const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();
const base = (key: string) => key.replace(/\.(one|other)$/, '');

describe.each(Object.entries(languages))('%s', (language, dictionary) => {
  const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
  const plurals = new Set(Object.keys(en).filter((k) => k.endsWith('.one')).map(base));

  test('has every key, with every form that its grammar has, and no other', () => {
    const wanted = new Set(Object.keys(en).map(base).flatMap((key) => (plurals.has(key) ? forms.map((f) => `${key}.${f}`) : [key])));
    expect(Object.keys(dictionary).sort()).toEqual([...wanted].sort());
  });
  test('has a text for each', () => {
    for (const [key, text] of Object.entries(dictionary)) expect(text.trim(), key).not.toBe('');
  });
  test('uses the same values as English', () => {
    for (const [key, text] of Object.entries(dictionary)) expect(placeholders(text), key).toEqual(placeholders((en as Record<string, string>)[key] ?? ''));
  });
});

test('Chinese is Chinese', () => {
  const same = Object.entries(zhCN).filter(([key, text]) => (en as Record<string, string>)[key] === text).map(([key]) => key);
  expect(same.sort()).toEqual(['app.name', 'create.namePlaceholder', 'mode.FIFO', 'zone.billing.short', 'zone.utc', 'zone.utc.short']);
});

test('every text is used somewhere', () => {
  const source = readdirSync(join(import.meta.dirname, '..'), { recursive: true, encoding: 'utf8' })
    .filter((f) => /\.tsx?$/.test(f) && !/test\.|i18n\/(en|zh-CN)\.ts$/.test(f))
    .map((f) => readFileSync(join(import.meta.dirname, '..', f), 'utf8'))
    .join('\n');
  // Keys that are put together from data are known by their beginning.
  const built = ['mode.', 'tab.', 'zone.', 'theme.', 'unit.', 'meter.', 'problem.', 'send.unit.', 'bill.status.'];
  const invalid = /^(create|send)\.\w+Invalid$/;
  const unused = Object.keys(en).map(base).filter((key) => !source.includes(`'${key}'`) && !built.some((b) => key.startsWith(b)) && !invalid.test(key));
  expect(unused).toEqual([]);
});

describe('translate', () => {
  const t = translator(en, 'en');
  test('fills in values', () => expect(t('home.title', { name: 'Ada' })).toBe('Welcome, Ada'));
  test('chooses the plural', () => {
    expect(t.many('count.messages', 1)).toBe('1 message');
    expect(t.many('count.messages', 1234)).toBe('1,234 messages');
    expect(translator(zhCN, 'zh-CN').many('count.messages', 1)).toBe('1 条消息');
  });
  test('an unknown value is seen', () => expect(fill('{a} {b}', { a: 1 })).toBe('1 {b}'));
  test('a text from data is found or not', () => {
    expect(t.maybe('unit.queue_hour')).toBe('queue-hour');
    expect(t.maybe('unit.parsec')).toBeUndefined();
  });
});

test('the language is the first of the browser that we have', () => {
  expect(preferredLanguage(['fr', 'zh-TW', 'en'])).toBe('zh-CN');
  expect(preferredLanguage(['de', 'en-GB'])).toBe('en');
  expect(preferredLanguage([])).toBe('en');
});

test('problems: the exact English of the service, our own Chinese, or what there is', () => {
  const problem = { type: '', title: 'Conflict', status: 409, code: 'queue_name_taken', request_id: 'r', detail: 'A queue named "a" exists.' };
  expect(problemText(translator(en, 'en'), problem)).toBe('A queue named "a" exists.');
  expect(problemText(translator(zhCN, 'zh-CN'), problem)).toBe('同名队列已存在。');
  expect(problemText(translator(zhCN, 'zh-CN'), { ...problem, code: 'new_code' })).toBe('与当前状态冲突。');
  expect(problemText(translator(zhCN, 'zh-CN'), { ...problem, code: 'new_code', status: 418 })).toBe('A queue named "a" exists.');
});
