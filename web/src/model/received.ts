import type { Schemas } from '../api/client';

type Message = Schemas['ReceivedMessages']['messages'][number];

export type ReceivedState = 'waiting' | 'settling' | 'acknowledged' | 'failed' | 'lost';

/** One delivery that the page holds: the message and what has become of it. */
export interface Received {
  message: Message;
  /** When the ack wait is over, by this browser's clock. */
  deadline: number;
  state: ReceivedState;
}

export type ReceivedAction =
  | { type: 'arrived'; messages: Message[]; deadline: number }
  | { type: 'settling'; handlers: string[] }
  /** The service took the first `accepted` of them, and none after. */
  | { type: 'settled'; handlers: string[]; accepted: number; failed: boolean }
  | { type: 'unsettled'; handlers: string[] }
  | { type: 'clear' }
  | { type: 'forget' };

/** The page keeps a bounded number of deliveries: old ones that are done give way first. */
const KEEP = 100;

export function received(list: readonly Received[], action: ReceivedAction): readonly Received[] {
  switch (action.type) {
    case 'arrived': {
      const fresh = action.messages.map((message): Received => ({ message, deadline: action.deadline, state: 'waiting' }));
      // A message that comes again replaces its earlier, overdue delivery.
      const ids = new Set(action.messages.map((m) => m.id));
      return [...fresh, ...list.filter((r) => !ids.has(r.message.id) || r.state !== 'waiting')].slice(0, KEEP);
    }
    case 'settling':
      return change(list, action.handlers, () => 'settling');
    case 'settled': {
      const done = new Set(action.handlers.slice(0, action.accepted));
      return change(list, action.handlers, (handler) => (done.has(handler) ? (action.failed ? 'failed' : 'acknowledged') : 'lost'));
    }
    case 'unsettled':
      return change(list, action.handlers, () => 'waiting');
    case 'forget':
      return [];
    case 'clear':
      return list.filter((r) => r.state === 'waiting' || r.state === 'settling');
  }
}

function change(list: readonly Received[], handlers: string[], to: (handler: string) => ReceivedState): readonly Received[] {
  const which = new Set(handlers);
  return list.map((r) => (which.has(r.message.handler) ? { ...r, state: to(r.message.handler) } : r));
}

/** Can it still be settled at this instant? */
export function isOpen(r: Received, now: number): boolean {
  return r.state === 'waiting' && now < r.deadline;
}

/** The handlers to settle at once, oldest delivery first: the service wants the order in which they were received. */
export function openHandlers(list: readonly Received[], now: number): string[] {
  return list
    .map((r, i) => ({ r, i }))
    .filter(({ r }) => isOpen(r, now))
    .sort((a, b) => a.r.deadline - b.r.deadline || a.i - b.i)
    .map(({ r }) => r.message.handler)
    .slice(0, 10);
}
