import { Anchor, Button, Group, Paper, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { MeetingView } from '#meetings';
import { type Commands, command, type Sent } from '../api.js';
import { countryName, sayDate, today } from '../language/index.js';
import { useAddress } from '../parts/address.js';
import { Fetched } from '../parts/fetched.js';
import { FormDialog } from '../parts/form-dialog.js';
import { Choice, Day, Line } from '../parts/inputs.js';
import { Country } from '../parts/marks.js';
import { useMeetings } from '../parts/meetings.js';
import { Count, None } from '../parts/none.js';
import { OwnerChoice } from '../parts/owner-choice.js';
import { PageTitle } from '../parts/page-title.js';
import { Tag } from '../parts/tag.js';
import { useCommand } from '../parts/use-command.js';

/** The meetings with partners, the latest first: who took part, what was agreed, who does it. */
export default function MeetingsPage() {
  const { t } = useTranslation();
  const { get, set } = useAddress();
  const isRecording = get('nouveau') === 'rencontre';
  const setRecording = (open: boolean) => set({ nouveau: open ? 'rencontre' : undefined });
  const meetings = useMeetings();
  return (
    <>
      <PageTitle
        title={t('meetings.title')}
        subtitle={
          meetings.data && (
            <Count of={meetings.data.items.length}>
              {t('meetings.subtitle', { count: meetings.data.items.length })}
            </Count>
          )
        }
      >
        <Button leftSection={<IconPlus size={16} />} onClick={() => setRecording(true)}>
          {t('meetings.record')}
        </Button>
      </PageTitle>
      <Fetched query={meetings}>
        {({ items }) => (
          <Stack gap="sm" maw={960}>
            {items.length === 0 && <None>{t('meetings.empty')}</None>}
            {items.map((meeting) => (
              <Meeting key={meeting.id} meeting={meeting} isChosen={get('rencontre') === meeting.id} />
            ))}
          </Stack>
        )}
      </Fetched>
      {isRecording && <RecordMeeting onClose={() => setRecording(false)} />}
    </>
  );
}

function RecordMeeting({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [kind, setKind] = useState<Sent<Commands['meetings']>['kind']>('joint-commission');
  const [heldOn, setHeldOn] = useState(today());
  const [country, setCountry] = useState('');
  const [occasion, setOccasion] = useState('');
  const record = useCommand(t('transition.done'), onClose);
  const submit = () =>
    record.mutate(() =>
      command(
        'meetings',
        {},
        {
          id: `m-${heldOn}-${crypto.randomUUID().slice(0, 8)}`,
          kind,
          heldOn,
          participants: [],
          ...(country && { country: country.toUpperCase() }),
          ...(occasion.trim() && { occasion: occasion.trim() }),
        },
      ),
    );
  return (
    <FormDialog title={t('meetings.record')} loading={record.isPending} onSubmit={submit} onClose={onClose}>
      <Choice label={t('meetings.kind')} value={kind} onChange={setKind} of="meetings.kinds" />
      <Day label={t('meetings.heldOn')} required mayBeAhead value={heldOn} onChange={setHeldOn} />
      <Line
        label={t('meetings.country')}
        description={t('preferences.countryHint')}
        value={country}
        onChange={setCountry}
      />
      <Line label={t('meetings.occasion')} value={occasion} onChange={setOccasion} />
    </FormDialog>
  );
}

function Meeting({ meeting, isChosen }: { meeting: MeetingView; isChosen: boolean }) {
  const { t } = useTranslation();
  const [isAgreeing, setAgreeing] = useState(false);
  const complete = useCommand(t('transition.done'));
  const { id, kind, heldOn, occasion, country, participants, followUps, note } = meeting;
  return (
    <Paper
      withBorder
      p="md"
      component="article"
      data-meeting={id}
      {...(isChosen && { style: { borderColor: 'var(--mantine-primary-color-filled)' } })}
    >
      <Group align="flex-start" gap="lg">
        <Stack gap={4} w={190}>
          <Text size="sm" fw={600}>
            {sayDate(heldOn)}
          </Text>
          <Text size="xs" c="dimmed">
            {t(`meetings.kinds.${kind}`)}
          </Text>
          {country && (
            <Anchor component={Link} to={`/pays/${country}`} size="xs">
              {countryName(country)}
            </Anchor>
          )}
        </Stack>
        <Stack gap={6} flex={1} miw={240}>
          {occasion && <Text fw={600}>{occasion}</Text>}
          {participants.map(({ person, name, capacity, country: from }) => (
            <Group key={person} gap="xs" wrap="nowrap" align="flex-start">
              <Country code={from} />
              <Text size="sm">
                {name}
                {capacity && (
                  <Text span size="sm" c="dimmed">
                    {' '}
                    – {capacity}
                  </Text>
                )}
              </Text>
            </Group>
          ))}
          {note && (
            <Text size="sm" c="dimmed">
              {note}
            </Text>
          )}
          {followUps.length > 0 && (
            <Stack gap={6} mt="xs">
              <Text size="xs" c="dimmed">
                {t('meetings.followUps')}
              </Text>
              {followUps.map(({ followUp, title, countries = [], dueOn, done }) => (
                <Group key={followUp} gap="xs">
                  <Text size="sm">{title}</Text>
                  {countries.map((code) => (
                    <Country key={code} code={code} />
                  ))}
                  {dueOn && (
                    <Text size="xs" c="dimmed">
                      {t('followUps.due', { date: sayDate({ edtf: dueOn }) })}
                    </Text>
                  )}
                  {done ? (
                    <Tag tone="active">{t('meetings.done')}</Tag>
                  ) : (
                    <Button
                      size="compact-xs"
                      variant="default"
                      aria-label={t('meetings.markDone', { title })}
                      onClick={() =>
                        complete.mutate(() =>
                          command('meetings/{id}/follow-ups/{followUp}/complete', { id, followUp }, {}),
                        )
                      }
                    >
                      {t('followUps.close')}
                    </Button>
                  )}
                </Group>
              ))}
            </Stack>
          )}
          <Group className="no-print">
            <Button
              size="compact-xs"
              variant="subtle"
              leftSection={<IconPlus size={14} />}
              onClick={() => setAgreeing(true)}
            >
              {t('followUps.add')}
            </Button>
          </Group>
        </Stack>
      </Group>
      {isAgreeing && <AgreeFollowUp meeting={id} onClose={() => setAgreeing(false)} />}
    </Paper>
  );
}

function AgreeFollowUp({ meeting, onClose }: { meeting: string; onClose: () => void }) {
  const { t } = useTranslation();
  const [title, setTitle] = useState('');
  const [dueOn, setDueOn] = useState('');
  const [owner, setOwner] = useState('');
  const agree = useCommand(t('transition.done'), onClose);
  const submit = () =>
    agree.mutate(() =>
      command(
        'meetings/{id}/follow-ups',
        { id: meeting },
        {
          followUp: crypto.randomUUID(),
          title: title.trim(),
          ...(dueOn && { dueOn }),
          ...(owner && { owner }),
        },
      ),
    );
  return (
    <FormDialog title={t('followUps.add')} loading={agree.isPending} onSubmit={submit} onClose={onClose}>
      <Line label={t('followUps.task')} required value={title} onChange={setTitle} autoFocus />
      <Day label={t('followUps.dueOn')} mayBeAhead value={dueOn} onChange={setDueOn} />
      <OwnerChoice value={owner} onChange={setOwner} />
    </FormDialog>
  );
}
