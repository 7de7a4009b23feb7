import { Modal, Stack } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { DialogButtons } from './dialog-buttons.js';
import { ReasonInput } from './reason-input.js';

/** Asks for nothing but the reason of what is about to be done. */
export function ReasonDialog({
  title,
  loading,
  onGiven,
  onClose,
}: {
  /** What is about to be done; it is also what the button says. */
  title: string;
  loading: boolean;
  onGiven: (reason: string) => void;
  onClose: () => void;
}) {
  const [reason, setReason] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onGiven(reason.trim());
  };
  return (
    <Modal opened onClose={onClose} title={title} centered>
      <form onSubmit={submit}>
        <Stack>
          <ReasonInput value={reason} onChange={setReason} />
          <DialogButtons onClose={onClose} submit={title} loading={loading} />
        </Stack>
      </form>
    </Modal>
  );
}
