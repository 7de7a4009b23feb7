import { useState } from 'react';
import { FormDialog } from './form-dialog.js';
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
  return (
    <FormDialog title={title} loading={loading} onSubmit={() => onGiven(reason.trim())} onClose={onClose}>
      <ReasonInput value={reason} onChange={setReason} />
    </FormDialog>
  );
}
