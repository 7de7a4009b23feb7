import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TransitionView } from '#agreements';
import { command } from '../api.js';
import { today, wordsOf } from '../language/index.js';
import { FormDialog } from './form-dialog.js';
import { Day } from './inputs.js';
import { ReasonInput } from './reason-input.js';
import { useCommand } from './use-command.js';

export function TransitionDialog({
  agreement,
  transition,
  onClose,
}: {
  agreement: { id: string; revision: number };
  transition: TransitionView;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [effectiveOn, setEffectiveOn] = useState(today());
  const [reason, setReason] = useState('');
  const make = useCommand(t('transition.done'), onClose);
  const submit = () =>
    make.mutate(() =>
      command(
        'agreements/{id}/transitions/{transition}',
        { id: agreement.id, transition: transition.id },
        { effectiveOn, ...(reason.trim() && { reason: reason.trim() }) },
        agreement.revision,
      ),
    );
  return (
    <FormDialog title={wordsOf(transition.labels)} loading={make.isPending} onSubmit={submit} onClose={onClose}>
      <Day label={t('transition.effectiveOn')} required value={effectiveOn} onChange={setEffectiveOn} />
      {transition.reasonRequired && <ReasonInput value={reason} onChange={setReason} />}
    </FormDialog>
  );
}
