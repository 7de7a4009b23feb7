import { Modal, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AgreementView, TransitionView } from '#agreements';
import { today } from '../language/index.js';
import { useAgreementCommand } from './agreement-command.js';
import { DialogButtons } from './dialog-buttons.js';
import { ReasonInput } from './reason-input.js';

export function TransitionDialog({
  agreement,
  transition,
  onClose,
}: {
  agreement: AgreementView;
  transition: TransitionView;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [effectiveOn, setEffectiveOn] = useState(today());
  const [reason, setReason] = useState('');
  const make = useAgreementCommand(agreement, t('transition.done'), onClose);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate({
      path: `transitions/${transition.id}`,
      body: { effectiveOn, ...(reason.trim() && { reason: reason.trim() }) },
      revision: agreement.revision,
    });
  };
  return (
    <Modal opened onClose={onClose} title={transition.labels.fr} centered>
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            type="date"
            label={t('transition.effectiveOn')}
            required
            max={today()}
            value={effectiveOn}
            onChange={(event) => setEffectiveOn(event.currentTarget.value)}
          />
          {transition.reasonRequired && <ReasonInput value={reason} onChange={setReason} />}
          <DialogButtons onClose={onClose} submit={transition.labels.fr} loading={make.isPending} />
        </Stack>
      </form>
    </Modal>
  );
}
