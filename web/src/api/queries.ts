import { QueryClient, queryOptions } from '@tanstack/react-query';
import { api, take, type Schemas } from './client';
import { isApiError } from './problem';

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // A refusal stays a refusal; only what may pass by itself is tried again.
      retry: (failures, error) => failures < 2 && (!isApiError(error) || error.status === 0 || error.status >= 500),
    },
  },
});

/** How often counters are read again while a page is looked at. Reading costs the account nothing. */
const WATCH = 10_000;

const PAGE = 500;

export const me = queryOptions({
  queryKey: ['me'],
  queryFn: () => take(api.GET('/api/v1/me')),
  staleTime: 5 * 60_000,
});

export const prices = queryOptions({
  queryKey: ['prices'],
  queryFn: () => take(api.GET('/api/v1/prices')),
  staleTime: 60 * 60_000,
});

export const regions = queryOptions({
  queryKey: ['regions'],
  queryFn: async () => (await take(api.GET('/api/v1/regions'))).regions,
  staleTime: 60 * 60_000,
});

export const service = queryOptions({
  queryKey: ['service'],
  queryFn: () => take(api.GET('/api/v1/service')),
  staleTime: 60_000,
});

export const accessKeys = queryOptions({
  queryKey: ['access-keys'],
  queryFn: async () => (await take(api.GET('/api/v1/access-keys'))).access_keys,
});

export const bill = (month?: string) =>
  queryOptions({
    queryKey: ['bill', month ?? 'now'],
    queryFn: () => take(api.GET('/api/v1/bill', { params: { query: month ? { month } : {} } })),
  });

export const quotas = (project: string) =>
  queryOptions({
    queryKey: ['project', project, 'quotas'],
    queryFn: () => take(api.GET('/api/v1/projects/{project_id}/quotas', { params: { path: { project_id: project } } })),
  });

/** All queues of a project: its quota bounds them, so the pages are read to the end. */
export const queues = (project: string) =>
  queryOptions({
    queryKey: ['project', project, 'queues'],
    queryFn: async ({ signal }) => {
      const all: Schemas['Queue'][] = [];
      let token: string | undefined;
      do {
        const page = await take(
          api.GET('/api/v1/projects/{project_id}/queues', {
            params: { path: { project_id: project }, query: { page_size: PAGE, ...(token ? { page_token: token } : {}) } },
            signal,
          }),
        );
        all.push(...page.queues);
        token = page.next_page_token;
      } while (token);
      return all;
    },
    refetchInterval: WATCH,
  });

export const queue = (project: string, id: string) =>
  queryOptions({
    queryKey: ['project', project, 'queue', id],
    queryFn: () => take(api.GET('/api/v1/projects/{project_id}/queues/{queue_id}', { params: { path: { project_id: project, queue_id: id } } })),
    refetchInterval: WATCH,
  });

export const groups = (project: string, id: string) =>
  queryOptions({
    queryKey: ['project', project, 'queue', id, 'groups'],
    queryFn: async () =>
      (await take(api.GET('/api/v1/projects/{project_id}/queues/{queue_id}/groups', { params: { path: { project_id: project, queue_id: id } } }))).groups,
    refetchInterval: WATCH,
  });

/** Reads again everything that counts messages, and the bill. */
export function countersChanged(project: string) {
  void queryClient.invalidateQueries({ queryKey: ['project', project] });
  void queryClient.invalidateQueries({ queryKey: ['bill'] });
}
