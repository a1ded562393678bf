import { useState } from 'react';
import { useNavigate } from 'react-router';
import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import Header from '@cloudscape-design/components/header';
import { api, take } from '../api/client';
import { useTranslate } from '../app/preferences';
import { ProblemDetail } from '../components/problem_alert';
import { useForm } from '../forms/use_form';
import { Entry } from './entry';
import { mailTicket } from './mail_ticket';

/** Confirms an address with the ticket out of a mail. It waits for a click: programs that open links to look at them must not use the ticket up. */
export function VerifyEmail() {
  const t = useTranslate();
  const navigate = useNavigate();
  const [ticket] = useState(mailTicket);
  const [done, setDone] = useState(false);
  const form = useForm({
    initial: {},
    pointers: {},
    validate: () => ({}),
    send: async () => {
      await take(api.POST('/api/v1/email-verifications', { body: { token: ticket } }));
      setDone(true);
    },
  });
  return (
    <Entry title={t('verifyEmail.title')}>
      <form ref={form.form} onSubmit={form.submit} noValidate>
        <Container header={<Header variant="h1">{t('verifyEmail.title')}</Header>}>
          <Form
            errorText={form.failure !== undefined && <ProblemDetail error={form.failure} />}
            errorIconAriaLabel={t('state.error')}
          >
            {done ? (
              <Alert
                type="success"
                statusIconAriaLabel={t('state.success')}
                action={
                  <Button formAction="none" onClick={() => void navigate('/sign-in')}>
                    {t('signIn.submit')}
                  </Button>
                }
              >
                {t('verifyEmail.done')}
              </Alert>
            ) : (
              <div className="entry-submit">
                <Button variant="primary" formAction="submit" loading={form.sending} disabled={ticket === ''} fullWidth>
                  {t('verifyEmail.submit')}
                </Button>
              </div>
            )}
          </Form>
        </Container>
      </form>
    </Entry>
  );
}
