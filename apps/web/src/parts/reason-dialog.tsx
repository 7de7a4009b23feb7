import { type ReactNode, useState } from 'react';
import { FormDialog } from './form-dialog.js';
import { ReasonInput } from './reason-input.js';

/** Asks for nothing but the reason of what is about to be done. */
export function ReasonDialog({
  title,
  loading,
  onGiven,
  onClose,
  children,
}: {
  /** What is about to be done; it is also what the button says. */
  title: string;
  loading: boolean;
  onGiven: (reason: string) => void;
  onClose: () => void;
  /** What is to be known before. */
  children?: ReactNode;
}) {
  const [reason, setReason] = useState('');
  return (
    <FormDialog title={title} loading={loading} onSubmit={() => onGiven(reason.trim())} onClose={onClose}>
      {children}
      <ReasonInput value={reason} onChange={setReason} />
    </FormDialog>
  );
}
