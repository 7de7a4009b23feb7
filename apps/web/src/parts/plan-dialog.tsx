import { ActionIcon, Button, Group, Paper, Stack, Text } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AgreementView } from '#agreements';
import { type Commands, command, type Sent } from '../api.js';
import { FormDialog } from './form-dialog.js';
import { Choice, Line } from './inputs.js';
import { useCommand } from './use-command.js';

type Slot = Sent<Commands['agreements/{id}/slots']>['slots'][number];

/** A slot as it is being planned; nothing is chosen where a text is empty. */
interface Planned {
  id: string;
  party: string;
  capacity: string;
  act: NonNullable<Slot['act']>;
  office: NonNullable<Slot['office']> | '';
}

/** Says who is to sign what. Slots that are signed are not shown: they stay. */
export function PlanDialog({ agreement, onClose }: { agreement: AgreementView; onClose: () => void }) {
  const { t } = useTranslation();
  const [slots, setSlots] = useState<Planned[]>(() => beginning(agreement));
  const plan = useCommand(t('slots.planned'), onClose);
  const parties = agreement.parties.map(({ id, name }) => ({ value: id, label: name }));
  const change = (index: number, changes: Partial<Planned>) =>
    setSlots(slots.map((slot, at) => (at === index ? { ...slot, ...changes } : slot)));
  const add = () =>
    setSlots([...slots, { id: '', party: parties[0]!.value, capacity: '', act: 'definitive', office: '' }]);
  const submit = () =>
    plan.mutate(() => {
      const planned = withIds(
        slots,
        agreement.slots.map(({ id }) => id),
      ).map(written);
      return command('agreements/{id}/slots', { id: agreement.id }, { slots: planned }, agreement.revision);
    });
  return (
    <FormDialog
      title={t('slots.plan')}
      submit={t('common.save')}
      size="xl"
      loading={plan.isPending}
      disabled={slots.length === 0}
      onSubmit={submit}
      onClose={onClose}
    >
      <Text size="sm">{t('slots.planHint')}</Text>
      <Stack gap="sm">
        {slots.map((slot, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows have no name before they are saved
          <Paper key={index} withBorder p="sm">
            <Group align="end" gap="sm">
              <Choice
                label={t('legal.party')}
                of={parties}
                value={slot.party}
                onChange={(party) => change(index, { party })}
              />
              <Choice
                label={t('slots.act')}
                of="slots.acts"
                value={slot.act}
                onChange={(act) => change(index, { act })}
              />
              <Choice
                label={t('slots.office')}
                of="slots.offices"
                clearable
                value={slot.office}
                onChange={(office) => change(index, { office })}
              />
              <ActionIcon
                variant="subtle"
                color="red"
                size="lg"
                aria-label={t('slots.remove')}
                onClick={() => setSlots(slots.filter((_, at) => at !== index))}
              >
                <IconTrash size={18} />
              </ActionIcon>
            </Group>
            <Line
              label={t('sign.capacity')}
              value={slot.capacity}
              onChange={(capacity) => change(index, { capacity })}
            />
          </Paper>
        ))}
      </Stack>
      <Group>
        <Button size="xs" variant="light" leftSection={<IconPlus size={16} />} onClick={add}>
          {t('slots.add')}
        </Button>
      </Group>
    </FormDialog>
  );
}

/** The slots that are still open, or one for each party. */
function beginning({ slots, parties }: AgreementView): Planned[] {
  const open = slots.filter(({ status }) => status === 'open');
  if (slots.length === 0) {
    return parties.map(({ id }) => ({ id, party: id, capacity: '', act: 'definitive', office: '' }));
  }
  return open.map(({ id, party, capacity = '', act = 'definitive', office }) => {
    return { id, party: party.id, capacity, act, office: office ?? '' };
  });
}

/** Each new slot is named for its party, with a number where that is taken. */
function withIds(slots: Planned[], taken: string[]): Planned[] {
  const used = new Set([...taken, ...slots.map(({ id }) => id)]);
  return slots.map((slot) => {
    if (slot.id) return slot;
    let id = slot.party;
    for (let number = 2; used.has(id); number++) id = `${slot.party}-${number}`;
    used.add(id);
    return { ...slot, id };
  });
}

const written = ({ id, party, capacity, act, office }: Planned) => ({
  id,
  party,
  ...(capacity.trim() && { capacity: capacity.trim() }),
  ...(act !== 'definitive' && { act }),
  ...(office && { office }),
});
