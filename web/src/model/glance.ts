import type { Schemas } from '../api/client';

export interface Glance {
  messages: number | undefined;
  available: number | undefined;
  deadLetters: number | undefined;
  consumed: number;
}

/**
 * The numbers of a project from its queues and their groups. Groups that have not been read yet are left out; the numbers
 * that need them are undefined only while none has come.
 */
export function glance(queues: Schemas['Queue'][] | undefined, groups: (Schemas['Group'][] | undefined)[]): Glance {
  if (!queues) return { messages: undefined, available: undefined, deadLetters: undefined, consumed: 0 };
  const messages = queues.reduce((sum, q) => sum + (q.counters?.messages ?? 0), 0);
  const read = groups.filter((g) => g !== undefined);
  const total = (of: (c: Schemas['GroupCounters']) => number) => read.flat().reduce((sum, g) => sum + (g.counters ? of(g.counters) : 0), 0);
  const known = queues.length === 0 || read.length > 0;
  return {
    messages,
    available: known ? total((c) => c.available) : undefined,
    deadLetters: known ? total((c) => c.dead_available) : undefined,
    consumed: total((c) => c.consumed),
  };
}
