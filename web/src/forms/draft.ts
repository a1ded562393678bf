/** What was typed into a form and not sent yet: it outlives an error, a reload, the back button and a session that ran out. */

const PREFIX = 'dms.draft.';

export function readDraft<V extends object>(name: string, initial: V): V {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(PREFIX + name) ?? 'null');
    if (typeof stored !== 'object' || stored === null) return initial;
    // Only fields that the form still has, and only of the same type: an older build may have written it.
    const known = Object.entries(stored).filter(([key, value]) => key in initial && typeof value === typeof initial[key as keyof V]);
    return { ...initial, ...Object.fromEntries(known) };
  } catch {
    return initial;
  }
}

/** Secrets are left out: they do not belong into a storage that scripts can read. */
export function writeDraft<V extends object>(name: string, values: V, secrets: readonly (keyof V)[] = []) {
  const kept = Object.fromEntries(Object.entries(values).filter(([key]) => !secrets.includes(key as keyof V)));
  try {
    sessionStorage.setItem(PREFIX + name, JSON.stringify(kept));
  } catch {
    // A full or closed storage costs the draft, not the form.
  }
}

export function dropDraft(name: string) {
  sessionStorage.removeItem(PREFIX + name);
}

export function clearDrafts() {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
}
