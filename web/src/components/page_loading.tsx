import Box from '@cloudscape-design/components/box';
import Spinner from '@cloudscape-design/components/spinner';
import { useTranslate } from '../app/preferences';

export function PageLoading() {
  const t = useTranslate();
  return (
    <Box textAlign="center" padding={{ top: 'xxxl' }} color="text-status-inactive">
      <Spinner size="large" />
      <Box variant="p" color="inherit">
        {t('state.loading')}
      </Box>
    </Box>
  );
}
