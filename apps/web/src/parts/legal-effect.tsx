import { Button, List, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AgreementView } from '#agreements';
import { choices, today } from '../language/index.js';
import { useAgreementCommand } from './agreement-command.js';
import { DialogButtons } from './dialog-buttons.js';
import { Section } from './section.js';

/** Since when and until when the agreement binds, because of what; or what is still awaited. */
export function LegalEffect({ agreement }: { agreement: AgreementView }) {
  const { t } = useTranslation();
  const [isRecording, setRecording] = useState(false);
  const { entryIntoForce: force, term } = agreement.legal;
  const open = agreement.parties.filter(({ id }) => !agreement.consents.some(({ party }) => party.id === id));
  return (
    <Section title={t('legal.title')}>
      <Stack gap={4}>
        {force?.status === 'determined' && (
          <>
            <Text size="sm" fw={600}>
              {t('legal.on', { date: force.on.text })}
            </Text>
            <Text size="sm" c="dimmed">
              {t(`legal.because.${force.because.what}`, {
                party: force.because.party?.name ?? '',
                date: force.because.on.text,
              })}
            </Text>
          </>
        )}
        {force?.status === 'pending' && (
          <>
            <Text size="sm" fw={600}>
              {t('legal.pending')}
            </Text>
            <List size="sm">
              {force.awaited.map(({ fr }) => (
                <List.Item key={fr}>{fr}</List.Item>
              ))}
            </List>
          </>
        )}
        {term?.until && (
          <Text size="sm">{t(term.renews ? 'legal.renews' : 'legal.ends', { date: term.until.text })}</Text>
        )}
        {term?.noticeBy && <Text size="sm">{t('legal.notice', { date: term.noticeBy.text })}</Text>}
        {agreement.consents.map(({ party, act, on }) => (
          <Text key={party.id} size="sm" c="dimmed">
            {party.name} : {t(`legal.acts.${act}`)}, {on.text}
          </Text>
        ))}
        {open.length > 0 && agreement.stage.kind === 'ratification' && (
          <Button size="xs" variant="light" mt="xs" onClick={() => setRecording(true)}>
            {t('legal.record')}
          </Button>
        )}
      </Stack>
      {isRecording && <RecordConsent agreement={agreement} parties={open} onClose={() => setRecording(false)} />}
    </Section>
  );
}

function RecordConsent({
  agreement,
  parties,
  onClose,
}: {
  agreement: AgreementView;
  parties: AgreementView['parties'];
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [party, setParty] = useState(parties[0]?.id ?? '');
  const [act, setAct] = useState<string>('notification');
  const [on, setOn] = useState(today());
  const [receivedOn, setReceivedOn] = useState('');
  const record = useAgreementCommand(agreement, t('legal.done'), onClose);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    record.mutate({ path: 'consents', body: { party, act, on, ...(receivedOn && { receivedOn }) } });
  };
  return (
    <Modal opened onClose={onClose} title={t('legal.record')} centered>
      <form onSubmit={submit}>
        <Stack>
          <Select
            label={t('legal.party')}
            data={parties.map(({ id, name }) => ({ value: id, label: name }))}
            value={party}
            onChange={(value) => value && setParty(value)}
            allowDeselect={false}
          />
          <Select
            label={t('legal.act')}
            data={choices('legal.acts')}
            value={act}
            onChange={(value) => value && setAct(value)}
            allowDeselect={false}
          />
          <TextInput
            type="date"
            label={t('legal.sentOn')}
            required
            max={today()}
            value={on}
            onChange={(event) => setOn(event.currentTarget.value)}
          />
          <TextInput
            type="date"
            label={t('legal.receivedOn')}
            max={today()}
            value={receivedOn}
            onChange={(event) => setReceivedOn(event.currentTarget.value)}
          />
          <DialogButtons onClose={onClose} submit={t('legal.record')} loading={record.isPending} />
        </Stack>
      </form>
    </Modal>
  );
}
