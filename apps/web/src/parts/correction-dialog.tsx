import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AgreementView } from '#agreements';
import { command } from '../api.js';
import { FormDialog } from './form-dialog.js';
import { Line } from './inputs.js';
import { ReasonInput } from './reason-input.js';
import { useCommand } from './use-command.js';

/** Says what is right where a signature was recorded wrongly; the wrong one stays in the history. */
export function CorrectionDialog({
  agreement,
  slot,
  onClose,
}: {
  agreement: AgreementView;
  slot: AgreementView['slots'][number];
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [signedOn, setSignedOn] = useState(slot.signedOn ?? '');
  const [name, setName] = useState(slot.signatory?.name ?? '');
  const [capacity, setCapacity] = useState(slot.capacity ?? '');
  const [place, setPlace] = useState(slot.place ?? '');
  const [reason, setReason] = useState('');
  const correct = useCommand(t('sign.corrected'), onClose);
  const subject = { id: agreement.id, slot: slot.id };
  const submit = () => {
    const changes = {
      ...(signedOn !== slot.signedOn && { signedOn }),
      ...(name.trim() && name !== slot.signatory?.name && { signatory: { name: name.trim() } }),
      ...(capacity.trim() && capacity !== slot.capacity && { capacity: capacity.trim() }),
      ...(place.trim() && place !== slot.place && { place: place.trim() }),
    };
    const body = { ...changes, reason: reason.trim() };
    correct.mutate(() => command('agreements/{id}/signatures/{slot}/correct', subject, body));
  };
  return (
    <FormDialog
      title={t('sign.correctTitle')}
      submit={t('sign.correct')}
      loading={correct.isPending}
      onSubmit={submit}
      onClose={onClose}
    >
      <Text size="sm">{t('sign.for', { party: slot.party.name })}</Text>
      <Line label={t('sign.date')} required value={signedOn} onChange={setSignedOn} />
      <Line label={t('sign.name')} value={name} onChange={setName} />
      <Line label={t('sign.capacity')} value={capacity} onChange={setCapacity} />
      <Line label={t('sign.place')} value={place} onChange={setPlace} />
      <ReasonInput value={reason} onChange={setReason} />
      {agreement.stage.kind === 'signature' && (
        <Button
          variant="subtle"
          color="red"
          disabled={!reason.trim()}
          onClick={() =>
            correct.mutate(() => command('agreements/{id}/signatures/{slot}/void', subject, { reason: reason.trim() }))
          }
        >
          {t('sign.void')}
        </Button>
      )}
    </FormDialog>
  );
}
