import type { ReactNode } from 'react';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useTranslate } from '../app/preferences';

/** What a table shows when there is nothing in it yet. */
export function Nothing({ title, text, action }: { title: string; text: string; action?: ReactNode }) {
  return (
    <Box margin={{ vertical: 'm' }} textAlign="center" color="inherit">
      <SpaceBetween size="xs">
        <Box variant="strong" color="inherit">
          {title}
        </Box>
        <Box variant="p" color="text-body-secondary">
          {text}
        </Box>
        {action}
      </SpaceBetween>
    </Box>
  );
}

/** What a table shows when its filter leaves nothing. */
export function NoMatch({ onClear }: { onClear: () => void }) {
  const t = useTranslate();
  return <Nothing title={t('table.noMatch')} text={t('table.noMatchText')} action={<Button onClick={onClear}>{t('table.clearFilter')}</Button>} />;
}
