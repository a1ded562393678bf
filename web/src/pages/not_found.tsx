import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { PageButton } from '../app/link';
import { useTranslate } from '../app/preferences';
import { useTitle } from '../app/title';

export function NotFound({ title, text }: { title?: string; text?: string }) {
  const t = useTranslate();
  const heading = title ?? t('notFound.title');
  useTitle(heading);
  return (
    <Box textAlign="center" padding={{ vertical: 'xxxl' }}>
      <SpaceBetween size="m">
        <Box variant="h1">{heading}</Box>
        <Box color="text-body-secondary">{text ?? t('notFound.text')}</Box>
        <SpaceBetween direction="horizontal" size="xs" alignItems="center">
          <PageButton to="/queues">{t('nav.queues')}</PageButton>
          <PageButton to="/" variant="primary">
            {t('nav.home')}
          </PageButton>
        </SpaceBetween>
      </SpaceBetween>
    </Box>
  );
}
