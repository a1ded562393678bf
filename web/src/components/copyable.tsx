import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import { useTranslate } from '../app/preferences';

/** An id or address with a button that copies it. */
export function Copyable({ text, what }: { text: string; what: string }) {
  const t = useTranslate();
  return (
    <CopyToClipboard
      variant="inline"
      textToCopy={text}
      textToDisplay={<code className="id">{text}</code>}
      copyButtonAriaLabel={t('copy.label', { what })}
      copySuccessText={t('copy.done')}
      copyErrorText={t('copy.failed')}
    />
  );
}
