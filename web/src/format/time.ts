export type Zone = 'local' | 'utc' | 'billing';

/** The platform's billing zone is UTC+8 all year; POSIX names it with the opposite sign. */
const BILLING = 'Etc/GMT-8';

function timeZone(zone: Zone): string | undefined {
  return zone === 'local' ? undefined : zone === 'utc' ? 'UTC' : BILLING;
}

/** An instant to the second with its zone, such as "Nov 24, 2026, 16:22:47 (UTC+8)". */
export function instant(iso: string, zone: Zone, language: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const text = new Intl.DateTimeFormat(language, {
    timeZone: timeZone(zone),
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).format(date);
  return `${text} (${offset(date, zone)})`;
}

/** The offset that a zone has at an instant, such as "UTC+8" or "UTC". */
export function offset(date: Date, zone: Zone): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone: timeZone(zone), timeZoneName: 'shortOffset' }).formatToParts(date);
  return (parts.find((p) => p.type === 'timeZoneName')?.value ?? 'UTC').replace(/^GMT(\+0)?/, 'UTC');
}

/** The month of the billing zone that an instant is in: "2026-11". */
export function billingMonth(date: Date): string {
  const shifted = new Date(date.getTime() + 8 * 3_600_000);
  return shifted.toISOString().slice(0, 7);
}

/** The last n months, newest first. */
export function monthsBefore(month: string, n: number): string[] {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return Array.from({ length: n }, (_, i) => new Date(Date.UTC(year, number - 1 - i, 1)).toISOString().slice(0, 7));
}

export function isMonth(text: string | null | undefined): text is string {
  return /^[0-9]{4}-(0[1-9]|1[0-2])$/.test(text ?? '');
}

/** "November 2026". */
export function monthName(month: string, language: string): string {
  return new Intl.DateTimeFormat(language, { timeZone: 'UTC', year: 'numeric', month: 'long' }).format(new Date(`${month}-01T00:00:00Z`));
}

/** "0:29", for what is left of an ack wait. */
export function countdown(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
