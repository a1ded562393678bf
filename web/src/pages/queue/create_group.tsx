import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { api, take, type Schemas } from '../../api/client';
import { countersChanged } from '../../api/queries';
import { useFlash } from '../../app/flash';
import { useTranslate } from '../../app/preferences';
import { useSession } from '../../app/session';
import { ProblemDetail } from '../../components/problem_alert';
import { isGroupName } from '../../forms/rules';
import { useForm } from '../../forms/use_form';

export function CreateGroup({ queue, onClose }: { queue: Schemas['Queue']; onClose: () => void }) {
  const t = useTranslate();
  const { project } = useSession();
  const flash = useFlash();
  const form = useForm({
    draft: `create-group.${queue.id}`,
    initial: { name: '' },
    pointers: { '/name': 'name' },
    validate: ({ name }) => (isGroupName(name) ? {} : { name: t('create.groupRule') }),
    send: async ({ name }) => {
      await take(
        api.POST('/api/v1/projects/{project_id}/queues/{queue_id}/groups', {
          params: { path: { project_id: project.id, queue_id: queue.id } },
          body: { name },
        }),
      );
      countersChanged(project.id);
      flash.show({ type: 'success', content: t('group.created', { name }) });
      onClose();
    },
  });
  return (
    <Modal
      visible
      header={t('groups.create')}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button variant="primary" loading={form.sending} onClick={() => void form.submit()}>
              {t('groups.create')}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form ref={form.form} onSubmit={form.submit} noValidate>
        <Form errorText={form.failure !== undefined && <ProblemDetail error={form.failure} />} errorIconAriaLabel={t('state.error')}>
          <FormField label={t('group.name')} description={t('groups.startsAt')} constraintText={t('create.groupRule')} errorText={form.error('name')}>
            <Input
              value={form.values.name}
              onChange={({ detail }) => form.set('name', detail.value)}
              onBlur={() => form.values.name !== '' && form.touch('name')}
              autoFocus
              autoComplete={false}
              spellcheck={false}
            />
          </FormField>
        </Form>
      </form>
    </Modal>
  );
}
