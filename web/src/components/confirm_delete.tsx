import { useState, type FormEvent, type ReactNode } from 'react';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useTranslate } from '../app/preferences';
import { ProblemDetail } from './problem_alert';

interface Props {
  title: string;
  /** What is lost, in numbers, and that it cannot be undone. */
  consequence: ReactNode;
  /** What must be typed. */
  word: string;
  /** What the word is: the name of the queue, for instance. */
  prompt: string;
  submit: string;
  onDelete: () => Promise<void>;
  onClose: () => void;
}

/** Deleting asks for a word to be typed: a slip of the finger must not be enough. */
export function ConfirmDelete({ title, consequence, word, prompt, submit, onDelete, onClose }: Props) {
  const t = useTranslate();
  const [typed, setTyped] = useState('');
  const [deleting, setDeleting] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const matches = typed.trim() === word;

  const send = async (event?: FormEvent) => {
    event?.preventDefault();
    if (!matches || deleting) return;
    setDeleting(true);
    setFailure(undefined);
    try {
      await onDelete();
    } catch (error) {
      setFailure(error);
      setDeleting(false);
    }
  };

  return (
    <Modal
      visible
      header={title}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button variant="primary" disabled={!matches} loading={deleting} onClick={() => void send()}>
              {submit}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form onSubmit={send}>
        <Form errorText={failure !== undefined && <ProblemDetail error={failure} />} errorIconAriaLabel={t('state.error')}>
          <SpaceBetween size="m">
            <Alert type="warning" statusIconAriaLabel={t('state.warning')}>
              {consequence}
            </Alert>
            <FormField
              label={
                <>
                  {prompt} <code>{word}</code>
                </>
              }
            >
              <Input value={typed} onChange={({ detail }) => setTyped(detail.value)} autoFocus autoComplete={false} spellcheck={false} placeholder={word} />
            </FormField>
          </SpaceBetween>
        </Form>
      </form>
    </Modal>
  );
}
