import { describe, expect, test, vi } from 'vitest';
import { sessionFetch } from './session';

const at = (path: string, init?: RequestInit) => new Request(`http://console.test${path}`, init);

/** A service whose session has run out; refreshing helps when `renewable`. */
function service(renewable: boolean) {
  let valid = false;
  const calls: string[] = [];
  const fetch = async (request: Request) => {
    const { pathname } = new URL(request.url);
    calls.push(`${request.method} ${pathname} ${await request.text()}`.trim());
    if (pathname === '/api/v1/sessions/refresh') {
      valid = renewable;
      return new Response(null, { status: renewable ? 200 : 401 });
    }
    return new Response('{}', { status: valid ? 200 : 401 });
  };
  return { fetch, calls };
}

describe('a session that ran out', () => {
  test('is renewed, and the request repeated with its body', async () => {
    const { fetch, calls } = service(true);
    const onEnded = vi.fn();
    const answer = await sessionFetch({ fetch, onEnded })(at('/api/v1/x', { method: 'POST', body: 'body' }));
    expect(answer.status).toBe(200);
    expect(calls).toEqual(['POST /api/v1/x body', 'POST /api/v1/sessions/refresh', 'POST /api/v1/x body']);
    expect(onEnded).not.toHaveBeenCalled();
  });

  test('is renewed once for all who wait', async () => {
    const { fetch, calls } = service(true);
    const go = sessionFetch({ fetch, onEnded: vi.fn() });
    const answers = await Promise.all([go(at('/api/v1/a')), go(at('/api/v1/b')), go(at('/api/v1/c'))]);
    expect(answers.map((a) => a.status)).toEqual([200, 200, 200]);
    expect(calls.filter((c) => c.includes('refresh'))).toHaveLength(1);
  });

  test('that cannot be renewed ends, and the refusal is passed on', async () => {
    const { fetch, calls } = service(false);
    const onEnded = vi.fn();
    const answer = await sessionFetch({ fetch, onEnded })(at('/api/v1/x'));
    expect(answer.status).toBe(401);
    expect(onEnded).toHaveBeenCalledOnce();
    expect(calls).toEqual(['GET /api/v1/x', 'POST /api/v1/sessions/refresh']);
  });

  test('can be renewed again later', async () => {
    let valid = false;
    const fetch = vi.fn(async (request: Request) => {
      if (request.url.endsWith('/refresh')) valid = true;
      return new Response(null, { status: valid ? 204 : 401 });
    });
    const go = sessionFetch({ fetch, onEnded: vi.fn() });
    expect((await go(at('/api/v1/x'))).status).toBe(204);
    valid = false;
    expect((await go(at('/api/v1/x'))).status).toBe(204);
    expect(fetch.mock.calls.filter(([r]) => r.url.endsWith('/refresh'))).toHaveLength(2);
  });
});

test.each(['sessions', 'sessions/second-factor', 'email-verifications', 'password-resets'])('a wrong proof is not a session that ran out: %s', async (path) => {
  const { fetch, calls } = service(true);
  const onEnded = vi.fn();
  expect((await sessionFetch({ fetch, onEnded })(at(`/api/v1/${path}`, { method: 'POST', body: '{}' }))).status).toBe(401);
  expect(calls).toEqual([`POST /api/v1/${path} {}`]);
  expect(onEnded).not.toHaveBeenCalled();
});

test('other refusals are left alone', async () => {
  const fetch = vi.fn(async () => new Response(null, { status: 403 }));
  expect((await sessionFetch({ fetch, onEnded: vi.fn() })(at('/api/v1/x'))).status).toBe(403);
  expect(fetch).toHaveBeenCalledOnce();
});
