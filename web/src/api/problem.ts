import type { components } from './schema.gen';

export type Problem = components['schemas']['Problem'];

/** A request that failed: what the service said, or that it could not be reached. */
export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.title);
    this.name = 'ApiError';
  }

  get code() {
    return this.problem.code;
  }

  get status() {
    return this.problem.status;
  }
}

/** The code of a problem that this console makes itself when no answer came. */
export const UNREACHABLE = 'unreachable';
/** The code for an answer that is not in the service's own form, such as a proxy's page. */
export const UNEXPECTED = 'unexpected_answer';

export function unreachable(): Problem {
  return { type: 'about:blank', title: 'Unreachable', status: 0, code: UNREACHABLE, request_id: '' };
}

/** The problem in an answer's body, or one made from its status when the body is something else. */
export function asProblem(body: unknown, status: number, requestId: string | null): Problem {
  if (typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string' && 'title' in body) {
    return body as Problem;
  }
  return { type: 'about:blank', title: `HTTP ${status}`, status, code: UNEXPECTED, request_id: requestId ?? '' };
}

export function isApiError(error: unknown): error is ApiError {
  return error instanceof ApiError;
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

/**
 * What is wrong, by field. A pointer "/groups/0" or "/messages/0/labels/1" belongs to the nearest field that the form has;
 * what belongs to none is left for the form's own error.
 */
export function fieldErrors<F extends string>(problem: Problem, fields: Record<string, F>): { byField: Partial<Record<F, string>>; rest: string[] } {
  const byField: Partial<Record<F, string>> = {};
  const rest: string[] = [];
  for (const { pointer, detail } of problem.errors ?? []) {
    const field = nearest(pointer, fields);
    if (field === undefined) rest.push(detail);
    else byField[field] ??= detail;
  }
  return { byField, rest };
}

function nearest<F extends string>(pointer: string, fields: Record<string, F>): F | undefined {
  for (let p = pointer.startsWith('/') ? pointer : `/${pointer}`; p !== ''; p = p.slice(0, p.lastIndexOf('/'))) {
    if (fields[p] !== undefined) return fields[p];
  }
  return undefined;
}
