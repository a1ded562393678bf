import { useRouteError } from 'react-router';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import { useTranslate } from '../app/preferences';

/** A page that failed to load or to draw: most often the console was updated while it was open. */
export function BrokenPage() {
  const t = useTranslate();
  const error = useRouteError();
  return (
    <Box padding="xxl">
      <Alert type="error" header={t('broken.header')} action={<Button onClick={() => location.reload()}>{t('action.reload')}</Button>}>
        {t('broken.text')}
        <Box variant="small" display="block">
          {error instanceof Error ? error.message : String(error)}
        </Box>
      </Alert>
    </Box>
  );
}
