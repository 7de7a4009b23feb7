import { ActionIcon, Badge, Button, Group, Menu, Paper, Stack, Text } from '@mantine/core';
import { IconCheck, IconClock, IconDots, IconHourglass, IconSignature, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AgreementView } from '#agreements';
import { type Commands, command, type Sent } from '../api.js';
import { formatDay, today } from '../language/index.js';
import { CorrectionDialog } from './correction-dialog.js';
import { FormDialog } from './form-dialog.js';
import { Choice, Day, Line } from './inputs.js';
import { Country } from './marks.js';
import { PlanDialog } from './plan-dialog.js';
import { ReasonDialog } from './reason-dialog.js';
import { ReasonInput } from './reason-input.js';
import { Section } from './section.js';
import { SignatureDialog } from './signature-dialog.js';
import { useCommand } from './use-command.js';

type Slot = AgreementView['slots'][number];
type Replacement = Sent<Commands['agreements/{id}/signatures/{slot}/replace']>;
type Action = 'sign' | 'confirm' | 'correct' | 'decline' | 'replace' | 'full-powers' | 'plan';

const MARKS = {
  open: { colour: 'orange', icon: IconClock },
  signed: { colour: 'green', icon: IconCheck },
  unconfirmed: { colour: 'yellow', icon: IconHourglass },
  declined: { colour: 'red', icon: IconX },
};

/** Who signs what for whom, how far that is, and what can be done about it. */
export function Signatures({ agreement }: { agreement: AgreementView }) {
  const { t } = useTranslation();
  const [action, setAction] = useState<{ what: Action; slot?: Slot }>();
  const close = () => setAction(undefined);
  const { kind } = agreement.stage;
  return (
    <Section title={t('agreement.signatures')}>
      {agreement.slots.length === 0 && <Text c="dimmed">{t('agreement.noSlots')}</Text>}
      <Stack gap="sm">
        {agreement.slots.map((slot) => (
          <SlotCard key={slot.id} slot={slot} agreement={agreement} onAct={(what) => setAction({ what, slot })} />
        ))}
      </Stack>
      {(kind === 'preparation' || kind === 'signature') && (
        <Button size="xs" variant="light" mt="sm" onClick={() => setAction({ what: 'plan' })}>
          {t('slots.plan')}
        </Button>
      )}
      {action?.what === 'plan' && <PlanDialog agreement={agreement} onClose={close} />}
      {action?.slot && <SlotAction what={action.what} slot={action.slot} agreement={agreement} onClose={close} />}
    </Section>
  );
}

function SlotAction({ what, ...props }: { what: Action; slot: Slot; agreement: AgreementView; onClose: () => void }) {
  if (what === 'sign') return <SignatureDialog {...props} />;
  if (what === 'correct') return <CorrectionDialog {...props} />;
  if (what === 'confirm') return <ConfirmDialog {...props} />;
  if (what === 'replace') return <ReplaceDialog {...props} />;
  return what === 'full-powers' ? <FullPowersDialog {...props} /> : <DeclineDialog {...props} />;
}

function SlotCard({ slot, agreement, onAct }: { slot: Slot; agreement: AgreementView; onAct: (what: Action) => void }) {
  const { t } = useTranslation();
  const { colour, icon: Icon } = MARKS[slot.status];
  const isInitialling = slot.act === 'initialling';
  const isUp = agreement.stage.kind === (isInitialling ? 'preparation' : 'signature');
  const isGiven = slot.status === 'signed' || slot.status === 'unconfirmed';
  const state = () => {
    if (!slot.signedOn) return t(`agreement.slot.${slot.status}`);
    const date = formatDay(slot.signedOn);
    if (slot.status === 'unconfirmed') return t('slots.toConfirm', { date });
    return t(isInitialling ? 'slots.initialledOn' : 'agreement.signedOnDate', { date });
  };
  const more: Action[] = isGiven ? ['correct'] : ['full-powers', 'replace', ...(isUp ? ['decline' as const] : [])];
  return (
    <Paper withBorder p="md" data-slot={slot.id} data-status={slot.status}>
      <Group justify="space-between" gap="sm">
        <Group gap="sm" wrap="nowrap" align="flex-start" style={{ flex: '1 1 180px' }}>
          <Country code={slot.party.country} />
          <Stack gap={2}>
            <Text fw={600} size="sm">
              {slot.party.name}
            </Text>
            <SlotFacts slot={slot} agreement={agreement} />
          </Stack>
        </Group>
        <Group gap={6} wrap="nowrap">
          <Badge color={colour} variant="light" tt="none" miw="max-content" leftSection={<Icon size={12} />}>
            {state()}
          </Badge>
          {slot.status === 'unconfirmed' && (
            <Button size="xs" onClick={() => onAct('confirm')}>
              {t('slots.confirm')}
            </Button>
          )}
          {!isGiven && isUp && (
            <Button
              size="xs"
              leftSection={<IconSignature size={16} />}
              disabled={slot.after.length > 0}
              onClick={() => onAct('sign')}
            >
              {t(isInitialling ? 'slots.initial' : 'agreement.sign')}
            </Button>
          )}
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" aria-label={t('slots.more', { party: slot.party.name })}>
                <IconDots size={18} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {more.map((what) => (
                <Menu.Item key={what} onClick={() => onAct(what)}>
                  {t(`slots.actions.${what}`)}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        </Group>
      </Group>
    </Paper>
  );
}

/** What is known of a slot, a line each. */
function SlotFacts({ slot, agreement }: { slot: Slot; agreement: AgreementView }) {
  const { t } = useTranslation();
  const { signatory, person, capacity, act, copy, after } = slot;
  const nameOf = (id: string) => agreement.slots.find((one) => one.id === id)?.party.name ?? id;
  const holder = agreement.parties.find(({ id }) => id === copy?.holder);
  const lines = [
    ...(capacity ? [capacity] : []),
    ...(act && act !== 'definitive' ? [t(`slots.acts.${act}`)] : []),
    ...(copy ? [t('slots.copyOf', { language: copy.language ?? '–', holder: holder?.name ?? '–' })] : []),
    ...(after.length > 0 ? [t('slots.after', { who: after.map(nameOf).join(', ') })] : []),
    ...(act === 'initialling' || act === 'witness'
      ? []
      : [t(`slots.fullPowers.${slot.fullPowers}`) + (slot.powersNote ? ` (${slot.powersNote})` : '')]),
    ...(slot.confirmedOn ? [t('slots.confirmedOn', { date: formatDay(slot.confirmedOn) })] : []),
    ...(slot.place ? [slot.place] : []),
  ];
  const who = signatory ?? person;
  return (
    <>
      {who && <Text size="sm">{who.name}</Text>}
      {lines.map((line) => (
        <Text key={line} size="xs" c="dimmed">
          {line}
        </Text>
      ))}
      {slot.reason && <Text size="sm">{t('history.reason', { reason: slot.reason })}</Text>}
    </>
  );
}

interface SlotProps {
  slot: Slot;
  agreement: AgreementView;
  onClose: () => void;
}

function ConfirmDialog({ slot, agreement, onClose }: SlotProps) {
  const { t } = useTranslation();
  const [confirmedOn, setConfirmedOn] = useState(today());
  const confirm = useCommand(t('slots.confirmed'), onClose);
  const submit = () =>
    confirm.mutate(() =>
      command('agreements/{id}/signatures/{slot}/confirm', { id: agreement.id, slot: slot.id }, { confirmedOn }),
    );
  return (
    <FormDialog title={t('slots.confirm')} loading={confirm.isPending} onSubmit={submit} onClose={onClose}>
      <Text size="sm">{t('slots.confirmHint')}</Text>
      <Day label={t('slots.confirmationDate')} required value={confirmedOn} onChange={setConfirmedOn} />
    </FormDialog>
  );
}

function DeclineDialog({ slot, agreement, onClose }: SlotProps) {
  const { t } = useTranslation();
  const decline = useCommand(t('slots.declined'), onClose);
  return (
    <ReasonDialog
      title={t('slots.actions.decline')}
      loading={decline.isPending}
      onGiven={(reason) =>
        decline.mutate(() =>
          command('agreements/{id}/signatures/{slot}/decline', { id: agreement.id, slot: slot.id }, { reason }),
        )
      }
      onClose={onClose}
    />
  );
}

function ReplaceDialog({ slot, agreement, onClose }: SlotProps) {
  const { t } = useTranslation();
  const [capacity, setCapacity] = useState('');
  const [office, setOffice] = useState<Replacement['office'] | ''>('');
  const [reason, setReason] = useState('');
  const replace = useCommand(t('slots.replaced'), onClose);
  const submit = () =>
    replace.mutate(() =>
      command(
        'agreements/{id}/signatures/{slot}/replace',
        { id: agreement.id, slot: slot.id },
        {
          reason: reason.trim(),
          ...(capacity.trim() && { capacity: capacity.trim() }),
          ...(office && { office }),
        },
      ),
    );
  return (
    <FormDialog title={t('slots.actions.replace')} loading={replace.isPending} onSubmit={submit} onClose={onClose}>
      <Text size="sm">{t('sign.for', { party: slot.party.name })}</Text>
      <Line label={t('slots.newCapacity')} value={capacity} onChange={setCapacity} />
      <Choice label={t('slots.office')} of="slots.offices" clearable value={office ?? ''} onChange={setOffice} />
      <ReasonInput value={reason} onChange={setReason} />
    </FormDialog>
  );
}

function FullPowersDialog({ slot, agreement, onClose }: SlotProps) {
  const { t } = useTranslation();
  const [status, setStatus] =
    useState<Sent<Commands['agreements/{id}/signatures/{slot}/full-powers']>['status']>('held');
  const [note, setNote] = useState('');
  const record = useCommand(t('slots.powersDone'), onClose);
  const submit = () =>
    record.mutate(() =>
      command(
        'agreements/{id}/signatures/{slot}/full-powers',
        { id: agreement.id, slot: slot.id },
        { status, note: note.trim() },
      ),
    );
  return (
    <FormDialog title={t('slots.actions.full-powers')} loading={record.isPending} onSubmit={submit} onClose={onClose}>
      <Text size="sm">{t('slots.powersHint')}</Text>
      <Choice label={t('slots.powers')} of="slots.powersStatus" value={status} onChange={setStatus} />
      <Line
        label={t(status === 'held' ? 'slots.powersReference' : 'slots.powersReason')}
        required
        value={note}
        onChange={setNote}
        autoFocus
      />
    </FormDialog>
  );
}
