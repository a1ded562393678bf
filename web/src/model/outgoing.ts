import type { Schemas } from '../api/client';
import { isLabel, MAX_DELAY_MS, MAX_LABELS, MAX_MESSAGE_BYTES } from '../forms/rules';

export type BodyFormat = 'json' | 'text';
export const delayUnits = { s: 1_000, min: 60_000, h: 3_600_000 } as const;
export type DelayUnit = keyof typeof delayUnits;

/** What the form for one message holds. */
export interface Outgoing {
  format: BodyFormat;
  body: string;
  attributes: string;
  labels: string;
  delay: string;
  delayUnit: DelayUnit;
}

export const emptyMessage: Outgoing = { format: 'json', body: '', attributes: '', labels: '', delay: '', delayUnit: 's' };

export type OutgoingError = 'body' | 'bodyJson' | 'size' | 'attributes' | 'labels' | 'labelCount' | 'delay';

type Message = Schemas['SendRequest']['messages'][number];

/** Labels as typed: separated by commas or spaces. */
export function splitLabels(text: string): string[] {
  return text.split(/[\s,，]+/).filter((label) => label !== '');
}

/** The size that the service will count: a string's UTF-8 without its quotes, anything else as sent, and the attributes. */
export function messageSize(m: Outgoing): number {
  const utf8 = (text: string) => new TextEncoder().encode(text).length;
  const json = m.format === 'json' ? parse(m.body) : undefined;
  const body = m.format === 'text' ? utf8(m.body) : json === undefined ? utf8(m.body) : typeof json.value === 'string' ? utf8(json.value) : utf8(JSON.stringify(json.value));
  const attributes = m.attributes.trim() === '' ? undefined : parse(m.attributes);
  return body + (attributes ? utf8(JSON.stringify(attributes.value)) : 0);
}

/** Milliseconds of delay: undefined for none, NaN for nonsense. */
export function delayMs(m: Outgoing): number | undefined {
  const text = m.delay.trim();
  if (text === '') return undefined;
  if (!/^\d{1,9}(\.\d{1,3})?$/.test(text)) return NaN;
  return Math.round(Number(text) * delayUnits[m.delayUnit]);
}

/** What the service would refuse. A Kafka queue has neither attributes nor delay: they are not looked at. */
export function outgoingErrors(m: Outgoing, kafka: boolean): OutgoingError[] {
  const errors: OutgoingError[] = [];
  if (m.body === '') errors.push('body');
  else if (m.format === 'json' && !parse(m.body)) errors.push('bodyJson');
  if (messageSize(kafka ? { ...m, attributes: '' } : m) > MAX_MESSAGE_BYTES) errors.push('size');
  const labels = splitLabels(m.labels);
  if (labels.length > MAX_LABELS) errors.push('labelCount');
  else if (!labels.every(isLabel)) errors.push('labels');
  if (kafka) return errors;
  if (m.attributes.trim() !== '' && !isObject(parse(m.attributes)?.value)) errors.push('attributes');
  const delay = delayMs(m);
  if (delay !== undefined && !(delay <= MAX_DELAY_MS)) errors.push('delay');
  return errors;
}

export function toMessage(m: Outgoing, kafka: boolean): Message {
  const labels = splitLabels(m.labels);
  const delay = delayMs(m);
  return {
    body: m.format === 'text' ? m.body : (JSON.parse(m.body) as unknown),
    ...(!kafka && m.attributes.trim() !== '' && { attributes: JSON.parse(m.attributes) as Record<string, unknown> }),
    ...(labels.length > 0 && { labels }),
    ...(!kafka && delay !== undefined && delay > 0 && { delay_ms: delay }),
  };
}

/** The same JSON with line breaks, or undefined when it is none. */
export function formatJson(text: string): string | undefined {
  const json = parse(text);
  return json && JSON.stringify(json.value, null, 2);
}

/** What the JSON parser says, without the text that it repeats. */
export function jsonError(text: string): string {
  try {
    JSON.parse(text);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message.replace(/,? ?"?\.{3}[\s\S]* is not valid JSON/, '').replace(/ in JSON/, '') : String(error);
  }
}

function parse(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
