import { useState } from 'react';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { api, take, type Schemas } from '../api/client';
import { accessKeys, queryClient } from '../api/queries';
import { useTranslate } from '../app/preferences';
import { Copyable } from '../components/copyable';
import { ProblemDetail } from '../components/problem_alert';
import { isDescription, length, MAX_DESCRIPTION } from '../forms/rules';
import { useForm } from '../forms/use_form';
import { csv } from '../format/csv';
import { download } from '../format/download';

/** Creates a key and shows its secret, once: it is nowhere else afterwards, not even in this page's cache. */
export function CreateAccessKey({ onClose }: { onClose: () => void }) {
  const t = useTranslate();
  const [made, setMade] = useState<Schemas['CreatedAccessKey']>();
  const form = useForm({
    draft: 'create-access-key',
    initial: { description: '' },
    pointers: { '/description': 'description' },
    validate: ({ description }) => (isDescription(description) ? {} : { description: t('create.descriptionInvalid') }),
    send: async ({ description }) => {
      const key = await take(api.POST('/api/v1/access-keys', { body: description === '' ? {} : { description } }));
      setMade(key);
      void queryClient.invalidateQueries({ queryKey: accessKeys.queryKey });
    },
  });

  if (made) {
    const save = () => {
      download(`dms-access-key-${made.access_key}.csv`, csv(['access_key', 'secret_key'], [[made.access_key, made.secret_key]]), 'text/csv');
    };
    return (
      <Modal
        visible
        header={t('keys.made')}
        onDismiss={({ detail }) => detail.reason !== 'overlay' && onClose()}
        footer={
          <Box float="right">
            <SpaceBetween direction="horizontal" size="xs">
              <Button iconName="download" onClick={save}>
                {t('keys.download')}
              </Button>
              <Button variant="primary" onClick={onClose}>
                {t('keys.saved')}
              </Button>
            </SpaceBetween>
          </Box>
        }
      >
        <SpaceBetween size="m">
          <Alert type="warning" statusIconAriaLabel={t('state.warning')}>
            {t('keys.once')}
          </Alert>
          <KeyValuePairs
            columns={1}
            items={[
              { label: t('keys.id'), value: <Copyable text={made.access_key} what={t('keys.id')} /> },
              { label: t('keys.secret'), value: <Copyable text={made.secret_key} what={t('keys.secret')} /> },
            ]}
          />
        </SpaceBetween>
      </Modal>
    );
  }

  return (
    <Modal
      visible
      header={t('keys.create')}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button variant="primary" loading={form.sending} onClick={() => void form.submit()}>
              {t('keys.create')}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form ref={form.form} onSubmit={form.submit} noValidate>
        <Form errorText={form.failure !== undefined && <ProblemDetail error={form.failure} />} errorIconAriaLabel={t('state.error')}>
          <FormField
            label={
              <>
                {t('queue.description')} <i>– {t('form.optional')}</i>
              </>
            }
            description={t('keys.descriptionText')}
            constraintText={t('create.descriptionRule', { n: length(form.values.description), max: MAX_DESCRIPTION })}
            errorText={form.error('description')}
          >
            <Input value={form.values.description} onChange={({ detail }) => form.set('description', detail.value)} autoFocus autoComplete={false} />
          </FormField>
        </Form>
      </form>
    </Modal>
  );
}
