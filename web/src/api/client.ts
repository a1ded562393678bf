import createClient from 'openapi-fetch';
import type { components, paths } from './schema.gen';
import { ApiError, asProblem, isAbort, unreachable } from './problem';
import { sessionFetch } from './session';

export type Schemas = components['schemas'];

const ended = new Set<() => void>();

/** Calls back when the session is over; returns what ends that. */
export function onSessionEnded(listener: () => void): () => void {
  ended.add(listener);
  return () => ended.delete(listener);
}

export const api = createClient<paths>({
  baseUrl: typeof location === 'undefined' ? 'http://localhost' : location.origin,
  credentials: 'same-origin',
  headers: { Accept: 'application/json' },
  fetch: sessionFetch({ onEnded: () => ended.forEach((listener) => listener()) }),
});

/** The data of an answer; throws ApiError otherwise, and lets a cancelled request's AbortError pass. */
export async function take<T>(pending: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  let answer;
  try {
    answer = await pending;
  } catch (cause) {
    if (isAbort(cause)) throw cause;
    throw new ApiError(unreachable());
  }
  if (!answer.response.ok) {
    throw new ApiError(asProblem(answer.error, answer.response.status, answer.response.headers.get('X-Request-Id')));
  }
  return answer.data as T;
}
