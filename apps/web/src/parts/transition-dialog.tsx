import { Modal, Stack, Textarea, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AgreementView, TransitionView } from '#agreements';
import { command, queryClient } from '../api.js';
import { today } from '../language/index.js';
import { DialogButtons } from './dialog-buttons.js';
import { showProblem } from './problems.js';

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
  const make = useMutation({
    mutationFn: () =>
      command(
        `agreements/${agreement.id}/transitions/${transition.id}`,
        { effectiveOn, ...(reason.trim() && { reason: reason.trim() }) },
        agreement.revision,
      ),
    onSuccess: async () => {
      await queryClient.invalidateQueries();
      notifications.show({ color: 'green', message: t('transition.done') });
      onClose();
    },
    onError: showProblem,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
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
          {transition.reasonRequired && (
            <Textarea
              label={t('transition.reason')}
              description={t('transition.reasonHint')}
              required
              autosize
              minRows={3}
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
              data-autofocus
            />
          )}
          <DialogButtons onClose={onClose} submit={transition.labels.fr} loading={make.isPending} />
        </Stack>
      </form>
    </Modal>
  );
}
