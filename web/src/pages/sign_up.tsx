import { useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
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
import { safeNext, sessionBegan } from '../app/session';
import { ProblemDetail } from '../components/problem_alert';
import { isAccountName, isEmail, length } from '../forms/rules';
import { useForm } from '../forms/use_form';
import { Entry } from './entry';

export function SignUp() {
  const t = useTranslate();
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const next = params.get('next');
  const [sentTo, setSentTo] = useState('');

  const form = useForm({
    draft: 'sign-up',
    initial: { account: '', email: '', password: '' },
    secrets: ['password'],
    pointers: { '/account_name': 'account', '/email': 'email', '/password': 'password' },
    validate: (v) => ({
      ...(!isAccountName(v.account) && { account: t('signUp.accountInvalid') }),
      ...(!isEmail(v.email) && { email: t('signUp.emailInvalid') }),
      ...((length(v.password) < 8 || length(v.password) > 128) && { password: t('signUp.passwordInvalid') }),
    }),
    send: async ({ account, email, password }) => {
      const me = await take(api.POST('/api/v1/sign-up', { body: { account_name: account, email, password } }));
      if (!me) {
        setSentTo(email); // the account is opened by the link in the mail
        return;
      }
      sessionBegan(me);
      void navigate(safeNext(next), { replace: true });
    },
  });

  if (sentTo !== '') {
    return (
      <Entry title={t('signUp.title')}>
        <Alert type="success" header={t('signUp.mailed')} statusIconAriaLabel={t('state.success')}>
          {t('signUp.mailedTo', { email: sentTo })}
        </Alert>
      </Entry>
    );
  }
  return (
    <Entry title={t('signUp.title')}>
      <form ref={form.form} onSubmit={form.submit} noValidate>
        <Container header={<Header variant="h1">{t('signUp.title')}</Header>}>
          <Form
            errorText={form.failure !== undefined && <ProblemDetail error={form.failure} />}
            errorIconAriaLabel={t('state.error')}
          >
            <SpaceBetween size="l">
              <FormField label={t('signUp.account')} constraintText={t('signUp.accountRule')} errorText={form.error('account')}>
                <Input
                  value={form.values.account}
                  onChange={({ detail }) => form.set('account', detail.value)}
                  onBlur={() => form.values.account !== '' && form.touch('account')}
                  autoComplete="organization"
                  name="account"
                  autoFocus
                  spellcheck={false}
                />
              </FormField>
              <FormField label={t('signUp.email')} errorText={form.error('email')}>
                <Input
                  type="email"
                  inputMode="email"
                  value={form.values.email}
                  onChange={({ detail }) => form.set('email', detail.value)}
                  onBlur={() => form.values.email !== '' && form.touch('email')}
                  autoComplete="email"
                  name="email"
                  spellcheck={false}
                />
              </FormField>
              <FormField label={t('signUp.password')} constraintText={t('signUp.passwordRule')} errorText={form.error('password')}>
                <Input
                  type="password"
                  value={form.values.password}
                  onChange={({ detail }) => form.set('password', detail.value)}
                  onBlur={() => form.values.password !== '' && form.touch('password')}
                  autoComplete="new-password"
                  name="password"
                />
              </FormField>
              <div className="entry-submit">
                <Button variant="primary" formAction="submit" loading={form.sending} fullWidth>
                  {t('signUp.submit')}
                </Button>
              </div>
            </SpaceBetween>
          </Form>
        </Container>
      </form>
      <Box textAlign="center" padding={{ top: 'l' }}>
        {t('signUp.known')}{' '}
        <Link href={next ? `/sign-in?next=${encodeURIComponent(next)}` : '/sign-in'} onFollow={follow(navigate)}>
          {t('signUp.toSignIn')}
        </Link>
      </Box>
    </Entry>
  );
}
