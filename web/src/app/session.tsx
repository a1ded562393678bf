import { createContext, use, useEffect, useMemo, useState, type ReactNode } from 'react';
import { Navigate, useLocation, useSearchParams } from 'react-router';
import { useQuery } from '@tanstack/react-query';
import { onSessionEnded, type Schemas } from '../api/client';
import { me, queryClient } from '../api/queries';
import { isApiError } from '../api/problem';
import { clearDrafts } from '../forms/draft';
import { ProblemAlert } from '../components/problem_alert';
import { PageLoading } from '../components/page_loading';

type Me = Schemas['Me'];
type Project = Schemas['Project'];

interface Session {
  me: Me;
  /** The project that the pages show: the one of the region in the address, or the first. */
  project: Project;
  /** A path of the console that stays in this region. */
  path: (to: string) => string;
}

const Context = createContext<Session | null>(null);

export function useSession(): Session {
  const session = use(Context);
  if (!session) throw new Error('useSession outside of RequireSession');
  return session;
}

/** The path to go to after signing in: one of ours, never another site's. */
export function safeNext(next: string | null): string {
  if (!next || !next.startsWith('/') || next.startsWith('//') || next.includes('\\') || /^\/sign-(in|up)/.test(next)) return '/';
  return next;
}

/** Adds the region to a path, unless it is the default one. */
export function inRegion(to: string, region: string | undefined): string {
  if (!region) return to;
  const [path = '', query = ''] = to.split('?');
  const params = new URLSearchParams(query);
  params.set('region', region);
  return `${path}?${params}`;
}

/** Tabs of one browser share the session: what one does to it, the others see. */
const tabs = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('dms.session');

/** Takes over a session that has just begun. */
export function sessionBegan(who: Me) {
  const before = rememberedAccount();
  queryClient.clear();
  if (before && before !== who.user.id) clearDrafts();
  rememberAccount(who.user.id);
  queryClient.setQueryData(me.queryKey, who);
  tabs?.postMessage('changed');
}

/** Forgets everything of a session that the user has ended. */
export function sessionClosed() {
  queryClient.clear();
  clearDrafts();
  tabs?.postMessage('changed');
}

/** Half-filled forms outlive a session that ran out, but only for the same user. */
function rememberedAccount() {
  return sessionStorage.getItem('dms.user');
}
function rememberAccount(id: string) {
  sessionStorage.setItem('dms.user', id);
}

export function RequireSession({ children }: { children: ReactNode }) {
  const location = useLocation();
  const [params] = useSearchParams();
  const [ended, setEnded] = useState(false);
  const { data, error, refetch } = useQuery(me);

  useEffect(() => onSessionEnded(() => setEnded(true)), []);
  useEffect(() => {
    const changed = () => {
      queryClient.clear();
      void refetch();
    };
    tabs?.addEventListener('message', changed);
    return () => tabs?.removeEventListener('message', changed);
  }, [refetch]);
  useEffect(() => {
    if (data) rememberAccount(data.user.id);
  }, [data]);

  const region = params.get('region');
  const session = useMemo<Session | null>(() => {
    const first = data?.projects[0];
    if (!data || !first) return null;
    const project = data.projects.find((p) => p.region === region) ?? first;
    const named = project === first ? undefined : project.region;
    return { me: data, project, path: (to) => inRegion(to, named) };
  }, [data, region]);

  if (ended || (isApiError(error) && error.status === 401)) {
    const next = location.pathname + location.search;
    return <Navigate replace to={next === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}`} />;
  }
  if (error && !data) return <ProblemAlert error={error} onRetry={() => void refetch()} page />;
  if (!session) return <PageLoading />;
  return <Context value={session}>{children}</Context>;
}
