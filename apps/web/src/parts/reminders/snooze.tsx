import { Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { command, queryClient } from '../../api.js';
import { FormDialog } from '../form-dialog.js';
import { Day } from '../inputs.js';
import { showProblem } from '../problems.js';
import { ReasonInput } from '../reason-input.js';

/** Holds a reminder up until a day, with a reason. */
export function SnoozeDialog({ reminder, onClose }: { reminder: string; onClose: () => void }) {
  const { t } = useTranslation();
  const [until, setUntil] = useState('');
  const [reason, setReason] = useState('');
  const snooze = useMutation({
    mutationFn: () => command('reminders/{id}/snooze', { id: reminder }, { until, reason: reason.trim() }),
    onSuccess: async () => {
      await queryClient.invalidateQueries();
      notifications.show({ color: 'green', message: t('reminders.snoozed') });
      onClose();
    },
    onError: showProblem,
  });
  return (
    <FormDialog
      title={t('reminders.snooze')}
      loading={snooze.isPending}
      onSubmit={() => snooze.mutate()}
      onClose={onClose}
    >
      <Text size="sm">{t('reminders.snoozeHint')}</Text>
      <Day label={t('reminders.until')} required mayBeAhead value={until} onChange={setUntil} />
      <ReasonInput value={reason} onChange={setReason} />
    </FormDialog>
  );
}
