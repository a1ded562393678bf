import { useNavigate } from 'react-router';
import { useQuery } from '@tanstack/react-query';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Grid from '@cloudscape-design/components/grid';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Textarea from '@cloudscape-design/components/textarea';
import Tiles from '@cloudscape-design/components/tiles';
import Toggle from '@cloudscape-design/components/toggle';
import { api, take } from '../api/client';
import { countersChanged, prices, queryClient, queue, service } from '../api/queries';
import { useWhere } from '../app/crumbs';
import { useFlash } from '../app/flash';
import { useTranslate } from '../app/preferences';
import { useSession } from '../app/session';
import { useTitle } from '../app/title';
import { ActivateFirst } from '../components/activate';
import { ProblemDetail } from '../components/problem_alert';
import { dropDraft } from '../forms/draft';
import { length, MAX_DESCRIPTION } from '../forms/rules';
import { useForm } from '../forms/use_form';
import { decimal, money, monthly } from '../format/number';
import { hasDeadLetters, modes, newQueue, queuePointers, toRequest, wrong, type NewQueue } from '../model/new_queue';

export function CreateQueue() {
  const t = useTranslate();
  const navigate = useNavigate();
  const { project, path } = useSession();
  const flash = useFlash();
  useTitle(t('create.title'));
  useWhere({ text: t('nav.queues'), to: '/queues' }, { text: t('create.title'), to: '/queues/create' });
  const state = useQuery(service);

  const form = useForm<NewQueue>({
    draft: 'create-queue',
    initial: newQueue,
    pointers: queuePointers,
    validate: (values) => Object.fromEntries(wrong(values).map((field) => [field, t(`create.${field}Invalid`)])),
    send: async (values) => {
      const made = await take(
        api.POST('/api/v1/projects/{project_id}/queues', { params: { path: { project_id: project.id } }, body: toRequest(values) }),
      );
      queryClient.setQueryData(queue(project.id, made.id).queryKey, made);
      countersChanged(project.id);
      flash.show({ type: 'success', content: t('create.done', { name: made.name }), nextPage: true });
      void navigate(path(`/queues/${made.id}?tab=send`));
    },
  });
  const { values, set } = form;

  if (state.data?.activated === false) return <ActivateFirst />;

  return (
    <ContentLayout
      header={
        <Header variant="h1" description={t('create.description')}>
          {t('create.title')}
        </Header>
      }
    >
      <form ref={form.form} onSubmit={form.submit} noValidate>
        <Form
          errorText={form.failure !== undefined && <ProblemDetail error={form.failure} />}
          errorIconAriaLabel={t('state.error')}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button
                variant="link"
                formAction="none"
                onClick={() => {
                  dropDraft('create-queue');
                  void navigate(path('/queues'));
                }}
              >
                {t('action.cancel')}
              </Button>
              <Button variant="primary" formAction="submit" loading={form.sending}>
                {t('queues.create')}
              </Button>
            </SpaceBetween>
          }
        >
          <Grid gridDefinition={[{ colspan: { default: 12, s: 8 } }, { colspan: { default: 12, s: 4 } }]}>
            <Container header={<Header variant="h2">{t('create.settings')}</Header>}>
              <SpaceBetween size="l">
                <FormField label={t('queue.name')} constraintText={t('create.nameRule')} errorText={form.error('name')}>
                  <Input
                    value={values.name}
                    onChange={({ detail }) => set('name', detail.value)}
                    onBlur={() => values.name !== '' && form.touch('name')}
                    placeholder={t('create.namePlaceholder')}
                    autoFocus
                    autoComplete={false}
                    spellcheck={false}
                    ariaRequired
                  />
                </FormField>
                <FormField label={t('queue.mode')} errorText={form.error('mode')} stretch>
                  <Tiles
                    value={values.mode}
                    columns={2}
                    onChange={({ detail }) => set('mode', detail.value as NewQueue['mode'])}
                    items={modes.map((mode) => ({ value: mode, label: t(`mode.${mode}`), description: t(`mode.${mode}.text`) }))}
                  />
                </FormField>
                <FormField
                  label={t('create.group')}
                  description={t('create.groupText')}
                  constraintText={t('create.groupRule')}
                  errorText={form.error('group')}
                >
                  <Input
                    value={values.group}
                    onChange={({ detail }) => set('group', detail.value)}
                    onBlur={() => form.touch('group')}
                    autoComplete={false}
                    spellcheck={false}
                  />
                </FormField>
                {hasDeadLetters(values.mode) ? (
                  <FormField label={t('create.deadLetters')} description={t('create.deadLettersText')} errorText={form.error('maxConsumeCount')}>
                    <SpaceBetween size="s">
                      <Toggle checked={values.deadLetters} onChange={({ detail }) => set('deadLetters', detail.checked)}>
                        {t('create.deadLettersOn')}
                      </Toggle>
                      {values.deadLetters && (
                        <div className="short-field">
                          <Input
                            type="number"
                            inputMode="numeric"
                            value={values.maxConsumeCount}
                            onChange={({ detail }) => set('maxConsumeCount', detail.value)}
                            onBlur={() => form.touch('maxConsumeCount')}
                            ariaLabel={t('create.maxConsumeCount')}
                          />
                          <span>{t('create.maxConsumeCountUnit')}</span>
                        </div>
                      )}
                    </SpaceBetween>
                  </FormField>
                ) : (
                  <FormField label={t('create.retention')} description={t('create.retentionText')} errorText={form.error('retentionHours')}>
                    <div className="short-field">
                      <Input
                        type="number"
                        inputMode="numeric"
                        value={values.retentionHours}
                        onChange={({ detail }) => set('retentionHours', detail.value)}
                        onBlur={() => form.touch('retentionHours')}
                      />
                      <span>{t('create.hours')}</span>
                    </div>
                  </FormField>
                )}
                <ExpandableSection headerText={t('create.more')} defaultExpanded={values.description !== ''}>
                  <FormField
                    label={
                      <>
                        {t('queue.description')} <i>– {t('form.optional')}</i>
                      </>
                    }
                    constraintText={t('create.descriptionRule', { n: length(values.description), max: MAX_DESCRIPTION })}
                    errorText={form.error('description')}
                  >
                    <Textarea
                      value={values.description}
                      rows={2}
                      onChange={({ detail }) => set('description', detail.value)}
                      onBlur={() => form.touch('description')}
                    />
                  </FormField>
                </ExpandableSection>
              </SpaceBetween>
            </Container>
            <Summary values={values} region={project.region} />
          </Grid>
        </Form>
      </form>
    </ContentLayout>
  );
}

/** What is about to be made and what it will cost, kept up to date with the form. */
function Summary({ values, region }: { values: NewQueue; region: string }) {
  const t = useTranslate();
  const { data: price, error } = useQuery(prices);
  return (
    <div className="sticky-summary">
      <Container header={<Header variant="h2">{t('create.summary')}</Header>}>
        <SpaceBetween size="m">
          <div aria-live="polite" data-testid="price-preview">
            {price ? (
              <>
                <Box variant="h3" tagOverride="p" fontSize="heading-l" padding="n">
                  {t('create.monthly', { month: money(monthly(price.queue), price.currency, t.language) })}
                </Box>
                <Box color="text-body-secondary">
                  {t('create.price', {
                    price: money(price.queue.amount, price.currency, t.language),
                    unit: t.maybe(`unit.${price.queue.unit}`) ?? price.queue.unit,
                    calls: decimal(price.free_api_calls, t.language),
                  })}
                </Box>
              </>
            ) : error ? (
              <StatusIndicator type="warning">{t('create.priceUnknown')}</StatusIndicator>
            ) : (
              <StatusIndicator type="loading">{t('state.loading')}</StatusIndicator>
            )}
          </div>
          <KeyValuePairs
            columns={1}
            items={[
              { label: t('queue.name'), value: values.name || '–' },
              { label: t('queue.region'), value: region },
              { label: t('queue.mode'), value: t(`mode.${values.mode}`) },
              { label: t('create.group'), value: values.group || t('create.groupNone') },
              hasDeadLetters(values.mode)
                ? {
                    label: t('create.deadLetters'),
                    value: values.deadLetters
                      ? t('create.deadLettersAfter', { n: values.maxConsumeCount || '–' })
                      : t('queue.deadLettersOff'),
                  }
                : { label: t('create.retention'), value: t('create.retentionOf', { n: values.retentionHours || '–' }) },
            ]}
          />
        </SpaceBetween>
      </Container>
    </div>
  );
}
