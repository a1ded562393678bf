import { useCallback, useEffect, useReducer, useRef, useState } from 'react';
import { api, take } from '../../api/client';
import { isAbort } from '../../api/problem';
import { countersChanged } from '../../api/queries';
import { useFlash } from '../../app/flash';
import { useTranslate } from '../../app/preferences';
import { received, type Received } from '../../model/received';

export interface ReceiveOptions {
  group: string;
  max: number;
  wait: number;
  ackWait: number;
}

export type ReceiveOutcome = 'idle' | 'receiving' | 'empty' | 'cancelled' | 'received';

export interface Receiving {
  list: readonly Received[];
  outcome: ReceiveOutcome;
  /** When the long poll began, by this browser's clock. */
  since: number;
  /** The group that the deliveries on the page belong to. */
  group: string | undefined;
  receive: (options: ReceiveOptions) => Promise<void>;
  cancel: () => void;
  settle: (handlers: string[], failed: boolean) => Promise<void>;
  clear: () => void;
  /** Choosing another group puts the other's deliveries away: their handlers are not valid for it. */
  leave: () => void;
}

/** Receiving and settling messages or dead letters of one queue. */
export function useReceiving(project: string, queue: string, kind: 'messages' | 'dead-letters'): Receiving {
  const t = useTranslate();
  const flash = useFlash();
  const [list, dispatch] = useReducer(received, []);
  const [outcome, setOutcome] = useState<ReceiveOutcome>('idle');
  const [since, setSince] = useState(0);
  const [group, setGroup] = useState<string>();
  const poll = useRef<AbortController>(undefined);

  // Leaving the page ends the poll; the service makes undelivered messages visible again at once.
  useEffect(() => () => poll.current?.abort(), []);

  const receive = async ({ group: from, max, wait, ackWait }: ReceiveOptions) => {
    poll.current?.abort();
    const mine = new AbortController();
    poll.current = mine;
    setGroup(from);
    setSince(Date.now());
    setOutcome('receiving');
    const params = { path: { project_id: project, queue_id: queue, group_id: from } };
    const body = { max_messages: max, wait_seconds: wait, ack_wait_seconds: ackWait };
    try {
      const { messages } = await take(
        kind === 'messages'
          ? api.POST('/api/v1/projects/{project_id}/queues/{queue_id}/groups/{group_id}/receive', { params, body, signal: mine.signal })
          : api.POST('/api/v1/projects/{project_id}/queues/{queue_id}/groups/{group_id}/dead-letters/receive', { params, body, signal: mine.signal }),
      );
      // The service's wait began a moment earlier, when it answered: a second is taken off so that the page is never later.
      dispatch({ type: 'arrived', messages, deadline: Date.now() + ackWait * 1000 - 1000 });
      setOutcome(messages.length > 0 ? 'received' : 'empty');
      countersChanged(project);
    } catch (error) {
      if (isAbort(error)) {
        if (poll.current === mine) setOutcome('cancelled');
        return;
      }
      setOutcome('idle');
      flash.fail(t('receive.failed'), error);
    }
  };

  const settle = async (handlers: string[], failed: boolean) => {
    if (!group || handlers.length === 0) return;
    dispatch({ type: 'settling', handlers });
    const params = { path: { project_id: project, queue_id: queue, group_id: group } };
    const body = { messages: handlers.map((handler) => ({ handler, ...(failed && { failed }) })) };
    try {
      const { accepted, rejected } = await take(
        kind === 'messages'
          ? api.POST('/api/v1/projects/{project_id}/queues/{queue_id}/groups/{group_id}/settle', { params, body })
          : api.POST('/api/v1/projects/{project_id}/queues/{queue_id}/groups/{group_id}/dead-letters/settle', { params, body }),
      );
      dispatch({ type: 'settled', handlers, accepted, failed });
      if (rejected > 0) flash.show({ type: 'warning', content: t.many('receive.rejected', rejected) });
    } catch (error) {
      dispatch({ type: 'unsettled', handlers });
      flash.fail(t('receive.settleFailed'), error);
    } finally {
      countersChanged(project);
    }
  };

  return {
    list,
    outcome,
    since,
    group,
    receive,
    cancel: useCallback(() => poll.current?.abort(), []),
    settle,
    clear: () => dispatch({ type: 'clear' }),
    leave: () => {
      poll.current?.abort();
      dispatch({ type: 'forget' });
      setOutcome('idle');
      setGroup(undefined);
    },
  };
}
