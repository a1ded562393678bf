import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import { isApiError } from '../api/problem';
import { useTranslate } from '../app/preferences';
import { problemText } from '../i18n/problem_text';

interface Props {
  error: unknown;
  onRetry?: () => void;
  /** As the only thing on a page. */
  page?: boolean;
}

/** Says what went wrong, what to do, and the request id to give to the operator. */
export function ProblemAlert({ error, onRetry, page }: Props) {
  const t = useTranslate();
  const alert = (
    <Alert type="error" header={t('error.header')} action={onRetry && <Button onClick={onRetry}>{t('action.retry')}</Button>}>
      <ProblemDetail error={error} />
    </Alert>
  );
  return page ? <Box padding="xxl">{alert}</Box> : alert;
}

export function ProblemDetail({ error }: { error: unknown }) {
  const t = useTranslate();
  if (!isApiError(error)) return <>{t('problem.internal')}</>;
  return (
    <>
      {problemText(t, error.problem)}
      {error.problem.request_id && (
        <Box variant="small" display="block" color="text-body-secondary">
          {t('error.requestId')} <code>{error.problem.request_id}</code>
        </Box>
      )}
    </>
  );
}
