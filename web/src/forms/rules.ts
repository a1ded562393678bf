/** The service's rules for what is typed, so that a mistake is said before it is sent. The service checks again. */

export const MAX_DESCRIPTION = 160;
export const MAX_MESSAGE_BYTES = 512 * 1024;
export const MAX_LABELS = 3;
export const MAX_DELAY_MS = 7 * 24 * 3_600_000;

/** Length in code points, as the service counts. */
export function length(text: string): number {
  return [...text].length;
}

export const isAccountName = (text: string) => /^[A-Za-z][A-Za-z0-9_-]{3,31}$/.test(text);
export const isQueueName = (text: string) => /^[A-Za-z0-9_-]{1,64}$/.test(text);
export const isGroupName = (text: string) => /^[A-Za-z0-9_-]{1,32}$/.test(text);
export const isLabel = (text: string) => /^[A-Za-z0-9_-]{1,64}$/.test(text);
export const isDescription = (text: string) => length(text) <= MAX_DESCRIPTION && !/[<>]/.test(text);

/** Enough to catch a slip of the finger; whether the address exists only a mail can tell. */
export const isEmail = (text: string) => text.length <= 254 && /^[^\s@]+@[^\s@]+$/.test(text);

/** A whole number in [from, to], or undefined. */
export function whole(text: string, from: number, to: number): number | undefined {
  if (!/^\d{1,15}$/.test(text)) return undefined;
  const n = Number(text);
  return n >= from && n <= to ? n : undefined;
}
