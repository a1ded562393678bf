import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import { useTranslate } from '../app/preferences';

/** A piece of code that works when it is pasted. */
export function Snippet({ code, label }: { code: string; label: string }) {
  const t = useTranslate();
  return (
    <div className="snippet">
      {/* Focusable, so that it scrolls without a mouse. */}
      <pre tabIndex={0} role="region" aria-label={label}>
        <code>{code}</code>
      </pre>
      <div className="snippet-copy">
        <CopyToClipboard
          variant="icon"
          textToCopy={code}
          copyButtonAriaLabel={t('copy.label', { what: label })}
          copySuccessText={t('copy.done')}
          copyErrorText={t('copy.failed')}
        />
      </div>
    </div>
  );
}
