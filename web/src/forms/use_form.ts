import { useEffect, useRef, useState, type FormEvent } from 'react';
import { fieldErrors, isApiError } from '../api/problem';
import { useTranslate } from '../app/preferences';
import { fieldText } from '../i18n/problem_text';
import { dropDraft, readDraft, writeDraft } from './draft';

export type FieldErrors<V> = Partial<Record<keyof V & string, string>>;

interface Options<V extends object> {
  initial: V;
  /** The name under which unsent input is kept; without one nothing is kept. */
  draft?: string;
  /** Keep the draft after sending: the next input is often much the same. */
  keepDraft?: boolean;
  secrets?: readonly (keyof V)[];
  validate: (values: V) => FieldErrors<V>;
  /** Which field a JSON pointer of the service belongs to. */
  pointers: Record<string, keyof V & string>;
  send: (values: V) => Promise<void>;
}

export function useForm<V extends object>({ initial, draft, keepDraft, secrets, validate, pointers, send }: Options<V>) {
  const t = useTranslate();
  const [values, setValues] = useState<V>(() => (draft ? readDraft(draft, initial) : initial));
  const [touched, setTouched] = useState<Partial<Record<keyof V, true>>>({});
  const [tried, setTried] = useState(false);
  const [refused, setRefused] = useState<FieldErrors<V>>({});
  const [failure, setFailure] = useState<unknown>();
  const [sending, setSending] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const [focusError, setFocusError] = useState(0);

  const invalid = validate(values);

  useEffect(() => {
    if (focusError > 0) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [focusError]);

  const set = <F extends keyof V & string>(field: F, value: V[F]) => {
    const after = { ...values, [field]: value };
    setValues(after);
    setRefused(({ [field]: _, ...rest }) => rest as FieldErrors<V>);
    if (draft) writeDraft(draft, after, secrets);
  };

  const submit = async (event?: FormEvent) => {
    event?.preventDefault();
    if (sending) return;
    setTried(true);
    setFailure(undefined);
    if (Object.keys(invalid).length > 0) {
      setFocusError((n) => n + 1);
      return;
    }
    setSending(true);
    try {
      await send(values);
      if (draft && !keepDraft) dropDraft(draft);
    } catch (error) {
      if (!isApiError(error)) setFailure(error);
      else {
        const { byField, rest } = fieldErrors(error.problem, pointers);
        const entries = Object.entries(byField) as [keyof V & string, string][];
        setRefused(Object.fromEntries(entries.map(([field, detail]) => [field, fieldText(t, error.problem, detail)])) as FieldErrors<V>);
        if (entries.length === 0 || rest.length > 0) setFailure(error);
        setFocusError((n) => n + 1);
      }
    } finally {
      setSending(false);
    }
  };

  return {
    form,
    values,
    set,
    submit,
    sending,
    failure,
    /** The error to show beside a field: the service's word, or ours once the user has left the field or tried to send. */
    error: (field: keyof V & string) => refused[field] ?? (tried || touched[field] ? invalid[field] : undefined),
    // A moment later: when a press of the button is what takes the focus away, an error that appears at once would move the
    // button from under the pointer, and the press would be lost.
    touch: (field: keyof V & string) => void setTimeout(() => setTouched((before) => (before[field] ? before : { ...before, [field]: true })), 250),
    reset: (to: V) => {
      setValues(to);
      setTouched({});
      setTried(false);
      setRefused({});
      setFailure(undefined);
    },
  };
}
