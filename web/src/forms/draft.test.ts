import { beforeEach, expect, test, vi } from 'vitest';
import { clearDrafts, dropDraft, readDraft, writeDraft } from './draft';

const initial = { name: '', size: 3, secret: '' };

beforeEach(() => {
  const held: Record<string, string> = {};
  const storage = {
    getItem: (key: string) => held[key] ?? null,
    setItem: (key: string, value: string) => void (held[key] = value),
    removeItem: (key: string) => void delete held[key],
  };
  // Object.keys of a real storage are its items.
  vi.stubGlobal('sessionStorage', new Proxy(storage, { ownKeys: () => Object.keys(held), getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }) }));
});

test('what was typed comes back, secrets do not', () => {
  writeDraft('f', { name: 'a', size: 5, secret: 'x' }, ['secret']);
  expect(readDraft('f', initial)).toEqual({ name: 'a', size: 5, secret: '' });
});
test('a form without a draft begins as it does', () => expect(readDraft('other', initial)).toBe(initial));
test('what an older form has left is not taken where it does not fit', () => {
  sessionStorage.setItem('dms.draft.f', '{"name": 7, "gone": true, "size": 4}');
  expect(readDraft('f', initial)).toEqual({ ...initial, size: 4 });
  for (const nonsense of ['{', 'null', '"text"']) {
    sessionStorage.setItem('dms.draft.f', nonsense);
    expect(readDraft('f', initial)).toBe(initial);
  }
});
test('one is dropped when its form was sent, all when the user leaves', () => {
  writeDraft('f', { ...initial, name: 'a' });
  writeDraft('g', { ...initial, name: 'b' });
  sessionStorage.setItem('dms.user', 'u');
  dropDraft('f');
  expect(readDraft('f', initial)).toBe(initial);
  expect(readDraft('g', initial).name).toBe('b');
  clearDrafts();
  expect(readDraft('g', initial)).toBe(initial);
  expect(sessionStorage.getItem('dms.user')).toBe('u');
});
