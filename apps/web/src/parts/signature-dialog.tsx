import { Checkbox, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AgreementView } from '#agreements';
import { command } from '../api.js';
import { today } from '../language/index.js';
import { FormDialog } from './form-dialog.js';
import { Day, Line } from './inputs.js';
import { useCommand } from './use-command.js';

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
  const [unauthorised, setUnauthorised] = useState(false);
  const isLast = agreement.signatures.open.length === 1 && !unauthorised && slot.act !== 'ad-referendum';
  const sign = useCommand(t(isLast ? 'sign.complete' : 'sign.done'), onClose);
  const submit = () =>
    sign.mutate(() =>
      command(
        'agreements/{id}/signatures',
        { id: agreement.id },
        {
          slot: slot.id,
          signedOn,
          ...(name.trim() && { signatory: { name: name.trim() } }),
          ...(capacity.trim() && { capacity: capacity.trim() }),
          ...(place.trim() && { place: place.trim() }),
          ...(unauthorised && { unauthorised }),
        },
      ),
    );
  return (
    <FormDialog
      title={t('sign.title')}
      submit={t('sign.submit')}
      loading={sign.isPending}
      onSubmit={submit}
      onClose={onClose}
    >
      <Text size="sm">{t('sign.for', { party: slot.party.name })}</Text>
      <Day label={t('sign.date')} required value={signedOn} onChange={setSignedOn} />
      <Line label={t('sign.name')} description={t('sign.nameHint')} value={name} onChange={setName} autoFocus />
      <Line label={t('sign.capacity')} value={capacity} onChange={setCapacity} />
      <Line label={t('sign.place')} value={place} onChange={setPlace} />
      {slot.fullPowers === 'required' && (
        <Checkbox
          label={t('sign.unauthorised')}
          description={t('sign.unauthorisedHint')}
          checked={unauthorised}
          onChange={(event) => setUnauthorised(event.currentTarget.checked)}
        />
      )}
    </FormDialog>
  );
}
