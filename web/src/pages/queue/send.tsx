import { useState } from 'react';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import RadioGroup from '@cloudscape-design/components/radio-group';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Textarea from '@cloudscape-design/components/textarea';
import { api, take, type Schemas } from '../../api/client';
import { countersChanged } from '../../api/queries';
import { useTranslate } from '../../app/preferences';
import { useSession } from '../../app/session';
import { Copyable } from '../../components/copyable';
import { Instant } from '../../components/instant';
import { ProblemDetail } from '../../components/problem_alert';
import { MAX_MESSAGE_BYTES } from '../../forms/rules';
import { useForm, type FieldErrors } from '../../forms/use_form';
import { bytes } from '../../format/number';
import { isKafka } from '../../model/new_queue';
import {
  delayUnits,
  emptyMessage,
  formatJson,
  jsonError,
  messageSize,
  outgoingErrors,
  toMessage,
  type BodyFormat,
  type DelayUnit,
  type Outgoing,
} from '../../model/outgoing';

interface Props {
  queue: Schemas['Queue'];
  groups: Schemas['Group'][] | undefined;
  onReceive: () => void;
}

interface Sent {
  id: string;
  at: string;
  size: number;
}

export function Send({ queue, groups, onReceive }: Props) {
  const t = useTranslate();
  const { project } = useSession();
  const [sent, setSent] = useState<Sent[]>([]);
  const kafka = isKafka(queue.mode);

  const form = useForm<Outgoing>({
    draft: `send.${queue.id}`,
    keepDraft: true,
    initial: { ...emptyMessage, body: `{\n  "hello": "world"\n}` },
    pointers: {
      '/messages/0/body': 'body',
      '/messages/0/attributes': 'attributes',
      '/messages/0/labels': 'labels',
      '/messages/0/delay_ms': 'delay',
    },
    validate: (values) => {
      const errors: FieldErrors<Outgoing> = {};
      for (const error of outgoingErrors(values, kafka)) {
        if (error === 'body' || error === 'bodyJson' || error === 'size') errors.body = t(`send.${error}Invalid`, { reason: jsonError(values.body) });
        else if (error === 'labelCount') errors.labels = t('send.labelCountInvalid');
        else errors[error] = t(`send.${error}Invalid`);
      }
      return errors;
    },
    send: async (values) => {
      const answer = await take(
        api.POST('/api/v1/projects/{project_id}/queues/{queue_id}/messages', {
          params: { path: { project_id: project.id, queue_id: queue.id } },
          body: { messages: [toMessage(values, kafka)] },
        }),
      );
      const at = new Date().toISOString();
      setSent((before) => [...answer.messages.map(({ id }) => ({ id, at, size: messageSize(values) })), ...before].slice(0, 10));
      countersChanged(project.id);
    },
  });
  const { values, set } = form;
  const size = messageSize(kafka ? { ...values, attributes: '' } : values);

  const format = () => {
    const pretty = formatJson(values.body);
    if (pretty !== undefined) set('body', pretty);
    else form.touch('body');
  };

  return (
    <SpaceBetween size="l">
      <form ref={form.form} onSubmit={form.submit} noValidate>
        <Container
          header={
            <Header variant="h2" description={t('send.description')}>
              {t('send.title')}
            </Header>
          }
        >
          <Form
            errorText={form.failure !== undefined && <ProblemDetail error={form.failure} />}
            errorIconAriaLabel={t('state.error')}
            actions={
              <Button variant="primary" formAction="submit" iconName="send" loading={form.sending}>
                {t('send.submit')}
              </Button>
            }
          >
            <SpaceBetween size="m">
              <div className="send-format">
                <RadioGroup
                  direction="horizontal"
                  ariaLabel={t('send.format')}
                  value={values.format}
                  onChange={({ detail }) => set('format', detail.value as BodyFormat)}
                  items={[
                    { value: 'json', label: 'JSON' },
                    { value: 'text', label: t('send.text') },
                  ]}
                />
                <Button formAction="none" disabled={values.format !== 'json'} onClick={format}>
                  {t('send.pretty')}
                </Button>
              </div>
              <FormField
                stretch
                label={t('send.body')}
                constraintText={t('send.size', { size: bytes(size, t.language), max: bytes(MAX_MESSAGE_BYTES, t.language) })}
                errorText={form.error('body')}
              >
                <div className="code-input">
                  <Textarea
                    value={values.body}
                    rows={8}
                    onChange={({ detail }) => set('body', detail.value)}
                    onBlur={() => form.touch('body')}
                    spellcheck={false}
                    disableBrowserAutocorrect
                  />
                </div>
              </FormField>
              <ExpandableSection
                headerText={kafka ? t('send.moreKafka') : t('send.more')}
                defaultExpanded={values.labels !== '' || values.attributes !== '' || values.delay !== ''}
              >
                <SpaceBetween size="m">
                  <FormField label={t('send.labels')} description={t('send.labelsText')} constraintText={t('send.labelsRule')} errorText={form.error('labels')}>
                    <Input value={values.labels} onChange={({ detail }) => set('labels', detail.value)} onBlur={() => form.touch('labels')} spellcheck={false} />
                  </FormField>
                  {!kafka && (
                    <FormField label={t('send.attributes')} description={t('send.attributesText')} errorText={form.error('attributes')}>
                      <div className="code-input">
                        <Textarea
                          value={values.attributes}
                          rows={3}
                          placeholder={'{"source": "shop"}'}
                          onChange={({ detail }) => set('attributes', detail.value)}
                          onBlur={() => form.touch('attributes')}
                          spellcheck={false}
                        />
                      </div>
                    </FormField>
                  )}
                  {!kafka && (
                    <FormField label={t('send.delay')} description={t('send.delayText')} errorText={form.error('delay')}>
                      <div className="short-field">
                        <Input
                          value={values.delay}
                          inputMode="decimal"
                          placeholder="0"
                          onChange={({ detail }) => set('delay', detail.value)}
                          onBlur={() => form.touch('delay')}
                        />
                        <Select
                          ariaLabel={t('send.delayUnit')}
                          selectedOption={{ value: values.delayUnit, label: t(`send.unit.${values.delayUnit}`) }}
                          options={(Object.keys(delayUnits) as DelayUnit[]).map((value) => ({ value, label: t(`send.unit.${value}`) }))}
                          onChange={({ detail }) => set('delayUnit', detail.selectedOption.value as DelayUnit)}
                        />
                      </div>
                    </FormField>
                  )}
                </SpaceBetween>
              </ExpandableSection>
            </SpaceBetween>
          </Form>
        </Container>
      </form>
      <div aria-live="polite">
        {sent.length > 0 && (
          <Container
            header={
              <Header
                variant="h2"
                description={t('send.billed')}
                actions={
                  <Button onClick={onReceive} iconName="arrow-right" iconAlign="right">
                    {t('send.toReceive')}
                  </Button>
                }
              >
                {t('send.sent')}
              </Header>
            }
          >
            <SpaceBetween size="s">
              {groups?.length === 0 && <StatusIndicator type="info">{t('send.noGroup')}</StatusIndicator>}
              <ul className="plain" data-testid="sent">
                {sent.map((m) => (
                  <li key={m.id}>
                    <StatusIndicator type="success">{t('send.stored')}</StatusIndicator>
                    <Copyable text={m.id} what={t('message.id')} />
                    <Box variant="small" color="text-body-secondary">
                      <Instant at={m.at} /> · {bytes(m.size, t.language)}
                    </Box>
                  </li>
                ))}
              </ul>
            </SpaceBetween>
          </Container>
        )}
      </div>
    </SpaceBetween>
  );
}
