/**
 * The console's session lives in cookies that scripts cannot see. When the short one has run out the service answers 401; it is
 * renewed once, for all requests that wait at that moment, and the request is repeated. A second 401 means: sign in.
 */

const REFRESH = '/api/v1/sessions/refresh';

/** Requests that must not be repeated after a renewal: they prove by themselves who sends them, and a repeat would be another try. */
const SESSION_PATHS = new Set([
  '/api/v1/sessions',
  '/api/v1/sessions/second-factor',
  REFRESH,
  '/api/v1/sign-up',
  '/api/v1/email-verifications',
  '/api/v1/password-resets',
]);

type Fetch = (request: Request) => Promise<Response>;

export interface SessionFetchOptions {
  fetch?: Fetch;
  /** Called when the session is over and could not be renewed. */
  onEnded: () => void;
}

export function sessionFetch({ fetch = (r) => globalThis.fetch(r), onEnded }: SessionFetchOptions): Fetch {
  let renewal: Promise<boolean> | undefined;

  const renew = (origin: string) => {
    renewal ??= acrossTabs(async () => {
      const answer = await fetch(new Request(new URL(REFRESH, origin), { method: 'POST', credentials: 'same-origin' }));
      return answer.ok;
    }).finally(() => {
      renewal = undefined;
    });
    return renewal;
  };

  return async (request) => {
    const again = request.clone(); // a body can be read only once
    const answer = await fetch(request);
    const { pathname, origin } = new URL(request.url);
    if (answer.status !== 401 || SESSION_PATHS.has(pathname)) return answer;
    if (await renew(origin)) {
      const second = await fetch(again);
      if (second.status !== 401) return second;
    }
    onEnded();
    return answer;
  };
}

/** Two tabs share the cookies: they take turns, so that neither spends the other's refresh cookie. */
async function acrossTabs<T>(work: () => Promise<T>): Promise<T> {
  const locks = typeof navigator === 'undefined' ? undefined : navigator.locks;
  return locks ? await locks.request('dms.session', work) : await work();
}
