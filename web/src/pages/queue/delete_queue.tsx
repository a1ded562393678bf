import { useQuery } from '@tanstack/react-query';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { api, take, type Schemas } from '../../api/client';
import { countersChanged, groups, queryClient, queue, queues } from '../../api/queries';
import { useFlash } from '../../app/flash';
import { useTranslate } from '../../app/preferences';
import { useSession } from '../../app/session';
import { ConfirmDelete } from '../../components/confirm_delete';

interface Props {
  queue: Schemas['Queue'];
  onClose: () => void;
  onDeleted: () => void;
}

export function DeleteQueue({ queue: q, onClose, onDeleted }: Props) {
  const t = useTranslate();
  const { project } = useSession();
  const flash = useFlash();
  // What is lost is counted at this moment, not when the page was drawn.
  const now = useQuery({ ...queue(project.id, q.id), staleTime: 0 });
  const its = useQuery({ ...groups(project.id, q.id), staleTime: 0 });
  const dead = its.data?.reduce((sum, g) => sum + (g.counters?.dead_available ?? 0), 0) ?? 0;
  const messages = (now.data ?? q).counters?.messages ?? 0;
  const groupCount = its.data?.length ?? q.counters?.groups ?? 0;

  const remove = async () => {
    await take(api.DELETE('/api/v1/projects/{project_id}/queues/{queue_id}', { params: { path: { project_id: project.id, queue_id: q.id } } }));
    flash.show({ type: 'success', content: t('queue.deleted', { name: q.name }), nextPage: true });
    onDeleted();
    queryClient.setQueryData(queues(project.id).queryKey, (before) => before?.filter((other) => other.id !== q.id));
    queryClient.removeQueries({ queryKey: queue(project.id, q.id).queryKey });
    countersChanged(project.id);
  };

  return (
    <ConfirmDelete
      title={t('queue.delete')}
      word={q.name}
      prompt={t('queue.deletePrompt')}
      submit={t('action.delete')}
      onClose={onClose}
      onDelete={remove}
      consequence={
        <SpaceBetween size="xxs">
          <span>
            {t('queue.deleteLoses', {
              messages: t.many('count.messages', messages),
              groups: t.many('count.groups', groupCount),
              dead: t.many('count.deadLetters', dead),
            })}
          </span>
          <span>{t('queue.deleteBilling')}</span>
        </SpaceBetween>
      }
    />
  );
}
