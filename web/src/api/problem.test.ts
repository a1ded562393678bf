import { describe, expect, test } from 'vitest';
import { asProblem, fieldErrors, UNEXPECTED } from './problem';
import { take } from './client';

const problem = (errors: { pointer: string; detail: string }[]) => ({ type: '', title: 'Invalid', status: 400, code: 'invalid_request', request_id: 'r', errors });
const fields = { '/name': 'name', '/groups': 'group', page_size: 'size' } as const;

describe('errors find their field', () => {
  test('by the pointer, or the nearest one above it', () => {
    expect(fieldErrors(problem([{ pointer: '/name', detail: 'a' }, { pointer: '/groups/0', detail: 'b' }]), fields)).toEqual({ byField: { name: 'a', group: 'b' }, rest: [] });
  });
  test('the first of a field is enough', () => {
    expect(fieldErrors(problem([{ pointer: '/name', detail: 'a' }, { pointer: '/name', detail: 'b' }]), fields).byField).toEqual({ name: 'a' });
  });
  test('and what has no field is not lost', () => {
    expect(fieldErrors(problem([{ pointer: '/nowhere', detail: 'x' }, { pointer: '', detail: 'y' }]), fields)).toEqual({ byField: {}, rest: ['x', 'y'] });
    expect(fieldErrors(problem([]), fields)).toEqual({ byField: {}, rest: [] });
  });
});

describe('an answer', () => {
  test('that is no problem document becomes one', () => {
    expect(asProblem('<html>', 502, 'rid')).toMatchObject({ code: UNEXPECTED, status: 502, request_id: 'rid' });
    expect(asProblem(problem([]), 400, null)).toEqual(problem([]));
  });
  test('that is good gives its data', async () => {
    expect(await take(Promise.resolve({ data: 1, response: new Response(null, { status: 200 }) }))).toBe(1);
  });
  test('that is bad throws its problem', async () => {
    const answer = Promise.resolve({ error: problem([]), response: new Response(null, { status: 400 }) });
    await expect(take(answer)).rejects.toMatchObject({ code: 'invalid_request', status: 400 });
  });
  test('that never came is told apart from a cancelled request', async () => {
    await expect(take(Promise.reject(new TypeError('Failed to fetch')))).rejects.toMatchObject({ code: 'unreachable', status: 0 });
    await expect(take(Promise.reject(new DOMException('', 'AbortError')))).rejects.toMatchObject({ name: 'AbortError' });
  });
});
