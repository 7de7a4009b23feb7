import { Badge, Button, Group, List, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AgreementView } from '#agreements';
import { type Commands, command, type Sent } from '../api.js';
import { sayDate, today, wordsOf } from '../language/index.js';
import { Fact } from './fact.js';
import { FormDialog } from './form-dialog.js';
import { Choice, Day } from './inputs.js';
import { showProblem } from './problems.js';
import { Section } from './section.js';
import { TermsDialog } from './terms-dialog.js';
import { useCommand } from './use-command.js';

type Legal = AgreementView['legal'];

/** Since when and until when the agreement binds, because of what; or what is still awaited. */
export function LegalEffect({ agreement }: { agreement: AgreementView }) {
  const { t } = useTranslation();
  const [dialog, setDialog] = useState<'consent' | 'forecast' | 'terms' | 'renew'>();
  const close = () => setDialog(undefined);
  const { facets, legal, stage, consents } = agreement;
  const open = agreement.parties.filter(({ id }) => !consents.some(({ party }) => party.id === id));
  const isPending = legal.entryIntoForce?.status === 'pending';
  const mayConsent = open.length > 0 && stage.kind !== 'ended' && (isPending || stage.kind === 'ratification');
  return (
    <Section title={t('legal.title')}>
      <Stack gap="md">
        <Group gap={6}>
          <Badge variant="outline" color="gray" tt="none">
            {t(`facets.text.${facets.text}`)}
          </Badge>
          <Badge variant="light" color={facets.effect === 'in-force' ? 'green' : 'gray'} tt="none">
            {t(`facets.effect.${facets.effect}`)}
          </Badge>
        </Group>
        <WhenAndWhy legal={legal} />
        <Fact label={t('facets.consent.title')}>
          <Stack gap={2}>
            {facets.consent.map(({ party, state }) => (
              <Text key={party.id} size="sm">
                {party.name} : {t(`facets.consent.${state}`)}
                {sayDate(consents.find((one) => one.party.id === party.id)?.on)?.replace(/^/, ', ')}
              </Text>
            ))}
          </Stack>
        </Fact>
        <Group gap="xs">
          {mayConsent && (
            <Button size="xs" variant="light" onClick={() => setDialog('consent')}>
              {t('legal.record')}
            </Button>
          )}
          {isPending && open.length > 0 && (
            <Button size="xs" variant="subtle" onClick={() => setDialog('forecast')}>
              {t('legal.forecast')}
            </Button>
          )}
          {stage.kind === 'active' && agreement.mayBeRenewed && (
            <Button size="xs" variant="light" onClick={() => setDialog('renew')}>
              {t('legal.renew')}
            </Button>
          )}
          {stage.kind !== 'ended' && (
            <Button size="xs" variant="subtle" color="gray" onClick={() => setDialog('terms')}>
              {t('terms.state')}
            </Button>
          )}
        </Group>
      </Stack>
      {dialog === 'consent' && <RecordConsent agreement={agreement} parties={open} onClose={close} />}
      {dialog === 'forecast' && <Forecast agreement={agreement} parties={open} onClose={close} />}
      {dialog === 'terms' && <TermsDialog agreement={agreement} onClose={close} />}
      {dialog === 'renew' && <Renew agreement={agreement} onClose={close} />}
    </Section>
  );
}

function WhenAndWhy({ legal: { entryIntoForce: force, term, later, provisional } }: { legal: Legal }) {
  const { t } = useTranslation();
  return (
    <Stack gap={4}>
      {!force && (
        <Text size="sm" c="dimmed">
          {t('legal.noRule')}
        </Text>
      )}
      {force?.status === 'determined' && (
        <>
          <Text size="sm" fw={600}>
            {t('legal.on', { date: sayDate(force.on) })}
          </Text>
          <Text size="sm" c="dimmed">
            {t(`legal.because.${force.because.what}`, {
              party: force.because.party?.name ?? '',
              date: sayDate(force.because.on),
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
            {force.awaited.map((labels) => (
              <List.Item key={labels.fr}>{wordsOf(labels)}</List.Item>
            ))}
          </List>
        </>
      )}
      {later.map(({ party, on }) => (
        <Text key={party.id} size="sm">
          {t('legal.later', { party: party.name, date: sayDate(on) })}
        </Text>
      ))}
      {provisional && (
        <Text size="sm">
          {provisional.from === 'signature'
            ? t('legal.provisionalOnSignature')
            : t('legal.provisionalFrom', { date: sayDate(provisional.from) })}
        </Text>
      )}
      {term?.until && (
        <Text size="sm">{t(term.renews ? 'legal.renews' : 'legal.ends', { date: sayDate(term.until) })}</Text>
      )}
      {term && term.renewals > 0 && <Text size="sm">{t('legal.renewed', { count: term.renewals })}</Text>}
      {term?.noticeBy && <Text size="sm">{t('legal.notice', { date: sayDate(term.noticeBy) })}</Text>}
    </Stack>
  );
}

interface ConsentProps {
  agreement: AgreementView;
  parties: AgreementView['parties'];
  onClose: () => void;
}

type Act = Sent<Commands['agreements/{id}/consents']>['act'];

const choicesOf = (parties: AgreementView['parties']) => parties.map(({ id, name }) => ({ value: id, label: name }));

function RecordConsent({ agreement, parties, onClose }: ConsentProps) {
  const { t } = useTranslation();
  const [party, setParty] = useState(parties[0]?.id ?? '');
  const [act, setAct] = useState<Act>('notification');
  const [on, setOn] = useState(today());
  const [receivedOn, setReceivedOn] = useState('');
  const record = useCommand(t('legal.done'), onClose);
  const submit = () => {
    const body = { party, act, on, ...(receivedOn && { receivedOn }) };
    record.mutate(() => command('agreements/{id}/consents', { id: agreement.id }, body));
  };
  return (
    <FormDialog title={t('legal.record')} loading={record.isPending} onSubmit={submit} onClose={onClose}>
      <Choice label={t('legal.party')} of={choicesOf(parties)} value={party} onChange={setParty} />
      <Choice label={t('legal.act')} of="legal.acts" value={act} onChange={setAct} />
      <Day label={t('legal.sentOn')} required value={on} onChange={setOn} />
      <Day label={t('legal.receivedOn')} value={receivedOn} onChange={setReceivedOn} />
    </FormDialog>
  );
}

/** "If Belgium notifies on 1 June, when does it enter into force?" Nothing of it is stored. */
function Forecast({ agreement, parties, onClose }: ConsentProps) {
  const { t } = useTranslation();
  const [days, setDays] = useState<Record<string, string>>({});
  const ask = useMutation({
    mutationFn: () =>
      command(
        'agreements/{id}/forecast',
        { id: agreement.id },
        {
          consents: Object.entries(days)
            .filter(([, on]) => on)
            .map(([party, on]) => ({ party, act: 'notification' as const, on })),
          // Looked at from far ahead, so that the term is computed too.
          on: farAhead(Object.values(days)),
        },
      ),
    onError: showProblem,
  });
  return (
    <FormDialog
      title={t('legal.forecast')}
      submit={t('legal.compute')}
      loading={ask.isPending}
      onSubmit={() => ask.mutate()}
      onClose={onClose}
    >
      <Text size="sm">{t('legal.forecastHint')}</Text>
      {parties.map(({ id, name }) => (
        <Day
          key={id}
          label={t('legal.ifNotifies', { party: name })}
          mayBeAhead
          value={days[id] ?? ''}
          onChange={(on) => setDays({ ...days, [id]: on })}
        />
      ))}
      {ask.data && (
        <div role="status" data-forecast={ask.data.entryIntoForce?.status}>
          <WhenAndWhy legal={ask.data} />
        </div>
      )}
    </FormDialog>
  );
}

/** Two years after the last of some days. */
function farAhead(days: string[]): string {
  const last = [today(), ...days].sort().at(-1)!;
  return `${Number(last.slice(0, 4)) + 2}-01-01`;
}

function Renew({ agreement, onClose }: { agreement: AgreementView; onClose: () => void }) {
  const { t } = useTranslation();
  const [agreedOn, setAgreedOn] = useState(today());
  const renew = useCommand(t('legal.renewalDone'), onClose);
  const submit = () => renew.mutate(() => command('agreements/{id}/renewals', { id: agreement.id }, { agreedOn }));
  return (
    <FormDialog title={t('legal.renew')} loading={renew.isPending} onSubmit={submit} onClose={onClose}>
      <Day label={t('legal.agreedOn')} required value={agreedOn} onChange={setAgreedOn} />
    </FormDialog>
  );
}
