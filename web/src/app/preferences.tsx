import { createContext, use, useEffect, useMemo, useState, type ReactNode } from 'react';
import { I18nProvider, type I18nProviderProps } from '@cloudscape-design/components/i18n';
import { applyMode, Mode } from '@cloudscape-design/global-styles';
import { isLanguage, preferredLanguage, type Dictionary, type Language } from '../i18n/dictionary';
import { translator, type Translate } from '../i18n/translate';
import type { Zone } from '../format/time';

export type Theme = 'system' | 'light' | 'dark';

export interface Preferences {
  language: Language;
  zone: Zone;
  theme: Theme;
}

interface Value {
  preferences: Preferences;
  change: (part: Partial<Preferences>) => void;
  t: Translate;
}

/** public/boot.js reads the same key before the first paint. */
const STORED = 'dms.preferences';

const Context = createContext<Value | null>(null);

export function usePreferences(): Value {
  const value = use(Context);
  if (!value) throw new Error('usePreferences outside of PreferencesProvider');
  return value;
}

export function useTranslate(): Translate {
  return usePreferences().t;
}

export function readPreferences(): Preferences {
  let stored: Partial<Record<keyof Preferences, unknown>> = {};
  try {
    stored = JSON.parse(localStorage.getItem(STORED) ?? '{}') ?? {};
  } catch {
    stored = {}; // storage is closed or holds nonsense: the defaults are good
  }
  return {
    language: isLanguage(stored.language) ? stored.language : preferredLanguage(navigator.languages),
    zone: stored.zone === 'utc' || stored.zone === 'billing' ? stored.zone : 'local',
    theme: stored.theme === 'light' || stored.theme === 'dark' ? stored.theme : 'system',
  };
}

function write(preferences: Preferences) {
  try {
    localStorage.setItem(STORED, JSON.stringify(preferences));
  } catch {
    // A closed storage costs the memory of the choice, not the choice.
  }
}

interface Texts {
  language: Language;
  dictionary: Dictionary;
  components: ReadonlyArray<I18nProviderProps.Messages>;
}

/** Our texts and the component library's, only those of one language. */
export async function loadTexts(language: Language): Promise<Texts> {
  const [ours, theirs] = await (language === 'zh-CN'
    ? Promise.all([import('../i18n/zh-CN'), import('@cloudscape-design/components/i18n/messages/all.zh-CN')])
    : Promise.all([import('../i18n/en'), import('@cloudscape-design/components/i18n/messages/all.en')]));
  return { language, dictionary: ours.default, components: [theirs.default] };
}

export function PreferencesProvider({ initial, children }: { initial: Texts; children: ReactNode }) {
  const [preferences, setPreferences] = useState(readPreferences);
  const [texts, setTexts] = useState(initial);

  useEffect(() => {
    let current = true;
    if (preferences.language !== texts.language) {
      void loadTexts(preferences.language).then((loaded) => current && setTexts(loaded));
    }
    return () => {
      current = false;
    };
  }, [preferences.language, texts.language]);

  useEffect(() => {
    document.documentElement.lang = texts.language;
  }, [texts.language]);

  useEffect(() => {
    const system = matchMedia('(prefers-color-scheme: dark)');
    const apply = () => {
      const dark = preferences.theme === 'dark' || (preferences.theme === 'system' && system.matches);
      applyMode(dark ? Mode.Dark : Mode.Light);
      document.documentElement.classList.toggle('dark', dark);
    };
    apply();
    system.addEventListener('change', apply);
    return () => system.removeEventListener('change', apply);
  }, [preferences.theme]);

  // The choice made in one tab holds in the others.
  useEffect(() => {
    const changed = (event: StorageEvent) => event.key === STORED && setPreferences(readPreferences());
    addEventListener('storage', changed);
    return () => removeEventListener('storage', changed);
  }, []);

  const value = useMemo<Value>(
    () => ({
      preferences,
      change: (part) => {
        const after = { ...preferences, ...part };
        write(after);
        setPreferences(after);
      },
      t: translator(texts.dictionary, texts.language),
    }),
    [preferences, texts],
  );

  return (
    <Context value={value}>
      <I18nProvider locale={texts.language} messages={texts.components}>
        {children}
      </I18nProvider>
    </Context>
  );
}
