import { usePreferences } from '../app/preferences';
import { instant } from '../format/time';

/** An instant in the zone that the user chose; the original is one hover away. */
export function Instant({ at }: { at: string }) {
  const { preferences, t } = usePreferences();
  return (
    <time dateTime={at} title={at}>
      {instant(at, preferences.zone, t.language)}
    </time>
  );
}
