import { useState } from 'react';
import { useNavigate } from 'react-router';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { api, take } from '../api/client';
import { follow } from '../app/link';
import { useTranslate } from '../app/preferences';
import { ProblemDetail } from '../components/problem_alert';
import { isEmail, length } from '../forms/rules';
import { useForm } from '../forms/use_form';
import { Entry } from './entry';
import { mailTicket } from './mail_ticket';

/** Asks for the mail, and with the ticket out of it for another password. */
export function ResetPassword() {
  const t = useTranslate();
  const navigate = useNavigate();
  const [ticket] = useState(mailTicket);
  const [done, setDone] = useState(false);
  const asking = ticket === '';
  const form = useForm({
    initial: { email: '', password: '' },
    secrets: ['password'],
    pointers: { '/email': 'email', '/new': 'password' },
    validate: (v) => ({
      ...(asking && !isEmail(v.email) && { email: t('signUp.emailInvalid') }),
      ...(!asking && (length(v.password) < 8 || length(v.password) > 128) && { password: t('signUp.passwordInvalid') }),
    }),
    send: async ({ email, password }) => {
      if (asking) await take(api.POST('/api/v1/password-resets', { body: { email } }));
      else await take(api.PUT('/api/v1/password-resets', { body: { token: ticket, new: password } }));
      setDone(true);
    },
  });
  return (
    <Entry title={t('resetPassword.title')}>
      <form ref={form.form} onSubmit={form.submit} noValidate>
        <Container header={<Header variant="h1">{t('resetPassword.title')}</Header>}>
          <Form
            errorText={form.failure !== undefined && <ProblemDetail error={form.failure} />}
            errorIconAriaLabel={t('state.error')}
          >
            {done ? (
              <Alert type="success" statusIconAriaLabel={t('state.success')}>
                {t(asking ? 'resetPassword.sent' : 'resetPassword.done')}
              </Alert>
            ) : (
              <SpaceBetween size="l">
                {asking ? (
                  <FormField label={t('signUp.email')} errorText={form.error('email')}>
                    <Input
                      type="email"
                      value={form.values.email}
                      onChange={({ detail }) => form.set('email', detail.value)}
                      onBlur={() => form.values.email !== '' && form.touch('email')}
                      autoComplete="email"
                      name="email"
                      autoFocus
                    />
                  </FormField>
                ) : (
                  <FormField label={t('resetPassword.new')} constraintText={t('signUp.passwordRule')} errorText={form.error('password')}>
                    <Input
                      type="password"
                      value={form.values.password}
                      onChange={({ detail }) => form.set('password', detail.value)}
                      autoComplete="new-password"
                      name="password"
                      autoFocus
                    />
                  </FormField>
                )}
                <div className="entry-submit">
                  <Button variant="primary" formAction="submit" loading={form.sending} fullWidth>
                    {t(asking ? 'resetPassword.ask' : 'resetPassword.submit')}
                  </Button>
                </div>
              </SpaceBetween>
            )}
          </Form>
        </Container>
      </form>
      <Box textAlign="center" padding={{ top: 'l' }}>
        <Link href="/sign-in" onFollow={follow(navigate)}>
          {t('resetPassword.toSignIn')}
        </Link>
      </Box>
    </Entry>
  );
}
