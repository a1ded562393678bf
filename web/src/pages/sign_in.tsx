import { useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
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
import { useForm } from '../forms/use_form';
import { Entry } from './entry';
import { SecondFactor } from './second_factor';

export function SignIn() {
  const t = useTranslate();
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const next = params.get('next');
  const [ticket, setTicket] = useState('');
  const goOn = () => void navigate(safeNext(next), { replace: true });

  const form = useForm({
    draft: 'sign-in',
    initial: { login: '', password: '' },
    secrets: ['password'],
    pointers: { '/login': 'login', '/password': 'password' },
    validate: (v) => ({
      ...(v.login.trim() === '' && { login: t('signIn.loginMissing') }),
      ...(v.password === '' && { password: t('signIn.passwordMissing') }),
    }),
    send: async ({ login, password }) => {
      const answer = await take(api.POST('/api/v1/sessions', { body: { login: login.trim(), password } }));
      if ('ticket' in answer) {
        setTicket(answer.ticket);
        return;
      }
      sessionBegan(answer);
      goOn();
    },
  });

  if (ticket !== '') {
    return (
      <Entry title={t('secondFactor.title')}>
        <SecondFactor ticket={ticket} onSignedIn={goOn} onBack={() => setTicket('')} />
      </Entry>
    );
  }
  return (
    <Entry title={t('signIn.title')}>
      <form ref={form.form} onSubmit={form.submit} noValidate>
        <Container header={<Header variant="h1">{t('signIn.title')}</Header>}>
          <Form
            errorText={form.failure !== undefined && <ProblemDetail error={form.failure} />}
            errorIconAriaLabel={t('state.error')}
          >
            <SpaceBetween size="l">
              {next && <Box color="text-body-secondary">{t('signIn.back')}</Box>}
              <FormField label={t('signIn.login')} errorText={form.error('login')}>
                <Input
                  value={form.values.login}
                  onChange={({ detail }) => form.set('login', detail.value)}
                  onBlur={() => form.values.login !== '' && form.touch('login')}
                  autoComplete="username"
                  name="login"
                  autoFocus
                  spellcheck={false}
                />
              </FormField>
              <FormField label={t('signIn.password')} errorText={form.error('password')}>
                <Input
                  type="password"
                  value={form.values.password}
                  onChange={({ detail }) => form.set('password', detail.value)}
                  autoComplete="current-password"
                  name="password"
                />
              </FormField>
              <div className="entry-submit">
                <Button variant="primary" formAction="submit" loading={form.sending} fullWidth>
                  {t('signIn.submit')}
                </Button>
              </div>
            </SpaceBetween>
          </Form>
        </Container>
      </form>
      <Box textAlign="center" padding={{ top: 'l' }}>
        <Link href="/reset-password" onFollow={follow(navigate)}>
          {t('signIn.forgotten')}
        </Link>
      </Box>
      <Box textAlign="center" padding={{ top: 's' }}>
        {t('signIn.new')}{' '}
        <Link href={next ? `/sign-up?next=${encodeURIComponent(next)}` : '/sign-up'} onFollow={follow(navigate)}>
          {t('signIn.toSignUp')}
        </Link>
      </Box>
    </Entry>
  );
}
