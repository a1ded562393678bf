export type StepState = 'done' | 'now' | 'later';

interface Facts {
  activated: boolean;
  queues: number;
  consumed: boolean;
}

/** Where a new account stands. A later step that is done proves the ones before it. */
export function steps({ activated, queues, consumed }: Facts): Record<'activate' | 'create' | 'exchange', StepState> {
  const done = [activated || queues > 0 || consumed, queues > 0 || consumed, consumed];
  const now = done.indexOf(false);
  const state = (i: number): StepState => (done[i] ? 'done' : i === now ? 'now' : 'later');
  return { activate: state(0), create: state(1), exchange: state(2) };
}
