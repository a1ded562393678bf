import { createContext, use, useEffect, useState, type ReactNode } from 'react';

export interface Crumb {
  text: string;
  to: string;
}

const Read = createContext<readonly Crumb[]>([]);
const Write = createContext<(crumbs: readonly Crumb[]) => void>(() => undefined);

export function CrumbsProvider({ children }: { children: ReactNode }) {
  const [crumbs, setCrumbs] = useState<readonly Crumb[]>([]);
  return (
    <Write value={setCrumbs}>
      <Read value={crumbs}>{children}</Read>
    </Write>
  );
}

export const useCrumbs = () => use(Read);

/** A page says where it is; the frame draws the way there. */
export function useWhere(...crumbs: Crumb[]) {
  const set = use(Write);
  const key = JSON.stringify(crumbs);
  useEffect(() => {
    set(JSON.parse(key) as Crumb[]);
    return () => set([]);
  }, [set, key]);
}
