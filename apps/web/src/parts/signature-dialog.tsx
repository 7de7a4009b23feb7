import { Modal, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AgreementView } from '#agreements';
import { today } from '../language/index.js';
import { useAgreementCommand } from './agreement-command.js';
import { DialogButtons } from './dialog-buttons.js';

interface Props {
  agreement: AgreementView;
  slot: AgreementView['slots'][number];
  onClose: () => void;
}

export function SignatureDialog({ agreement, slot, onClose }: Props) {
  const { t } = useTranslation();
  const [signedOn, setSignedOn] = useState(today());
  const [name, setName] = useState('');
  const [capacity, setCapacity] = useState(slot.capacity ?? '');
  const [place, setPlace] = useState('');
  const isLast = agreement.signatures.open.length === 1;
  const sign = useAgreementCommand(agreement, t(isLast ? 'sign.complete' : 'sign.done'), onClose);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    sign.mutate({
      path: 'signatures',
      body: {
        slot: slot.id,
        signedOn,
        ...(name.trim() && { signatory: { name: name.trim() } }),
        ...(capacity.trim() && { capacity: capacity.trim() }),
        ...(place.trim() && { place: place.trim() }),
      },
    });
  };
  return (
    <Modal opened onClose={onClose} title={t('sign.title')} centered>
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm">{t('sign.for', { party: slot.party.name })}</Text>
          <TextInput
            type="date"
            label={t('sign.date')}
            required
            max={today()}
            value={signedOn}
            onChange={(event) => setSignedOn(event.currentTarget.value)}
          />
          <TextInput
            label={t('sign.name')}
            description={t('sign.nameHint')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            data-autofocus
          />
          <TextInput
            label={t('sign.capacity')}
            value={capacity}
            onChange={(event) => setCapacity(event.currentTarget.value)}
          />
          <TextInput label={t('sign.place')} value={place} onChange={(event) => setPlace(event.currentTarget.value)} />
          <DialogButtons onClose={onClose} submit={t('sign.submit')} loading={sign.isPending} />
        </Stack>
      </form>
    </Modal>
  );
}
