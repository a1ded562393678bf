import { useState } from 'react';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Icon from '@cloudscape-design/components/icon';
import type { ReactNode } from 'react';
import type { Schemas } from '../api/client';
import { ActivateButton, PriceText } from '../components/activate';
import { PageButton } from '../app/link';
import { useTranslate } from '../app/preferences';
import { useSession } from '../app/session';
import { steps, type StepState } from '../model/steps';

interface Props {
  activated: boolean;
  queues: Schemas['Queue'][] | undefined;
  consumed: boolean;
}

/** The three steps from an empty account to the first message. It ticks itself off, and goes away when it is told to. */
export function GetStarted({ activated, queues, consumed }: Props) {
  const t = useTranslate();
  const { me } = useSession();
  const key = `dms.get-started.${me.user.id}`;
  const [dismissed, setDismissed] = useState(() => localStorage.getItem(key) === 'dismissed');
  if (dismissed) return null;

  const state = steps({ activated, queues: queues?.length ?? 0, consumed });
  const first = queues?.[0];
  const done = Object.values(state).filter((s) => s === 'done').length;

  const dismiss = () => {
    localStorage.setItem(key, 'dismissed');
    setDismissed(true);
  };

  return (
    <Container
      header={
        <Header
          variant="h2"
          counter={`${done}/3`}
          description={done === 3 ? t('start.allDone') : t('start.description')}
          actions={
            <Button variant="icon" iconName="close" ariaLabel={t('start.dismiss')} onClick={dismiss} />
          }
        >
          {t('start.title')}
        </Header>
      }
    >
      <ol className="steps" data-testid="get-started">
        <Step n={1} state={state.activate} title={t('start.activate')} action={<ActivateButton />}>
          <PriceText />
        </Step>
        <Step
          n={2}
          state={state.create}
          title={t('start.create')}
          action={
            <PageButton variant="primary" to="/queues/create">
              {t('queues.create')}
            </PageButton>
          }
        >
          {t('start.createText')}
        </Step>
        <Step
          n={3}
          state={state.exchange}
          title={t('start.exchange')}
          action={
            first && (
              <PageButton variant="primary" to={`/queues/${first.id}?tab=send`}>
                {t('start.exchangeAction')}
              </PageButton>
            )
          }
        >
          {t('start.exchangeText')}
        </Step>
      </ol>
    </Container>
  );
}

function Step({ n, state, title, action, children }: { n: number; state: StepState; title: string; action: ReactNode; children: ReactNode }) {
  const t = useTranslate();
  return (
    <li className={`step step-${state}`} data-state={state} aria-current={state === 'now' ? 'step' : undefined}>
      <span className="step-mark" aria-hidden="true">
        {state === 'done' ? <Icon name="check" /> : n}
      </span>
      <div className="step-body">
        <Box variant="h3" padding="n">
          {title}
          {state === 'done' && <span className="sr-only"> ({t('start.done')})</span>}
        </Box>
        <Box color="text-body-secondary">{children}</Box>
        {state === 'now' && <div className="step-action">{action}</div>}
      </div>
    </li>
  );
}
