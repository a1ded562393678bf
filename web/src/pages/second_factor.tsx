import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { api, take } from '../api/client';
import { useTranslate } from '../app/preferences';
import { sessionBegan } from '../app/session';
import { ProblemDetail } from '../components/problem_alert';
import { useForm } from '../forms/use_form';

const totp = /^\d{6}$/;

/** The second step of signing in, with the ticket that the first one gave. */
export function SecondFactor({ ticket, onSignedIn, onBack }: { ticket: string; onSignedIn: () => void; onBack: () => void }) {
  const t = useTranslate();
  const form = useForm({
    initial: { code: '' },
    secrets: ['code'],
    pointers: { '/totp': 'code', '/recovery_code': 'code' },
    validate: (v) => ({ ...(v.code.trim() === '' && { code: t('secondFactor.missing') }) }),
    send: async ({ code }) => {
      const given = code.replace(/\s/g, '');
      const factor = totp.test(given) ? { totp: given } : { recovery_code: given };
      sessionBegan(await take(api.POST('/api/v1/sessions/second-factor', { body: { ticket, ...factor } })));
      onSignedIn();
    },
  });
  return (
    <form ref={form.form} onSubmit={form.submit} noValidate>
      <Container header={<Header variant="h1">{t('secondFactor.title')}</Header>}>
        <Form
          errorText={form.failure !== undefined && <ProblemDetail error={form.failure} />}
          errorIconAriaLabel={t('state.error')}
        >
          <SpaceBetween size="l">
            <FormField label={t('secondFactor.code')} constraintText={t('secondFactor.rule')} errorText={form.error('code')}>
              <Input
                value={form.values.code}
                onChange={({ detail }) => form.set('code', detail.value)}
                autoComplete="one-time-code"
                name="code"
                autoFocus
                spellcheck={false}
              />
            </FormField>
            <div className="entry-submit">
              <Button variant="primary" formAction="submit" loading={form.sending} fullWidth>
                {t('signIn.submit')}
              </Button>
            </div>
            <Button variant="link" formAction="none" onClick={onBack}>
              {t('secondFactor.back')}
            </Button>
          </SpaceBetween>
        </Form>
      </Container>
    </form>
  );
}
