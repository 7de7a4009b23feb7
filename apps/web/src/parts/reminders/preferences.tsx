import { Button, Group, NumberInput, Select, Stack, Switch, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Operations, queryClient, read, type Sent, send } from '../../api.js';
import { formatDay } from '../../language/index.js';
import { Fetched } from '../fetched.js';
import { Day, Line } from '../inputs.js';
import { showProblem } from '../problems.js';
import { Section } from '../section.js';
import { useUsers } from '../users.js';

interface Wishes {
  timeZone?: string;
  hour?: number;
  country?: string;
  digest?: boolean;
  email?: boolean;
}
interface Personal {
  preferences: Wishes;
  absence?: { from: string; until: string; substitute: string };
}

/** How one wants to be reminded, and by whom one is stood in for while away. */
export function Preferences() {
  const preferences = useQuery({ queryKey: ['preferences'], queryFn: () => read('preferences') });
  return (
    <Fetched query={preferences}>
      {(personal) => (
        <Stack>
          <Wishes key={JSON.stringify(personal.preferences)} preferences={personal.preferences} />
          <Absence absence={personal.absence} />
        </Stack>
      )}
    </Fetched>
  );
}

function Wishes({ preferences }: { preferences: Wishes }) {
  const { t } = useTranslation();
  const [wishes, setWishes] = useState(preferences);
  const save = useSaving((body: Sent<Operations<'put'>['preferences']>) => send('put', 'preferences', {}, body));
  const set = (changes: Partial<Wishes>) => setWishes({ ...wishes, ...changes });
  return (
    <Section title={t('reminders.preferences')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(Object.fromEntries(Object.entries(wishes).filter(([, value]) => value !== '')));
        }}
      >
        <Stack maw={460}>
          <NumberInput
            label={t('preferences.hour')}
            description={t('preferences.hourHint')}
            min={6}
            max={20}
            value={wishes.hour ?? 9}
            onChange={(hour) => set({ hour: Number(hour) })}
          />
          <Select
            label={t('preferences.timeZone')}
            searchable
            clearable
            placeholder="Africa/Casablanca"
            data={Intl.supportedValuesOf('timeZone')}
            value={wishes.timeZone ?? null}
            onChange={(timeZone) => set({ timeZone: timeZone ?? '' })}
          />
          <Line
            label={t('preferences.country')}
            description={t('preferences.countryHint')}
            value={wishes.country ?? ''}
            onChange={(country) => set({ country: country.toUpperCase().slice(0, 2) })}
          />
          <Switch
            label={t('preferences.digest')}
            checked={wishes.digest ?? true}
            onChange={(event) => set({ digest: event.currentTarget.checked })}
          />
          <Switch
            label={t('preferences.email')}
            checked={wishes.email ?? true}
            onChange={(event) => set({ email: event.currentTarget.checked })}
          />
          <Group>
            <Button type="submit" loading={save.isPending}>
              {t('common.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}

function Absence({ absence }: { absence: Personal['absence'] }) {
  const { t } = useTranslation();
  const [from, setFrom] = useState('');
  const [until, setUntil] = useState('');
  const [substitute, setSubstitute] = useState<string | null>(null);
  const users = useUsers();
  const announce = useSaving((body: Sent<Operations<'put'>['preferences/absence']>) =>
    send('put', 'preferences/absence', {}, body),
  );
  const end = useSaving(() => send('delete', 'preferences/absence', {}, {}));
  const nameOf = (id: string) => users.data?.items.find((user) => user.id === id)?.name ?? id;
  return (
    <Section title={t('preferences.absence')}>
      {absence ? (
        <Group>
          <Text size="sm">
            {t('preferences.away', {
              from: formatDay(absence.from),
              until: formatDay(absence.until),
              name: nameOf(absence.substitute),
            })}
          </Text>
          <Button size="xs" variant="default" onClick={() => end.mutate(undefined)}>
            {t('preferences.back')}
          </Button>
        </Group>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            announce.mutate({ from, until, substitute: substitute ?? '' });
          }}
        >
          <Group align="end">
            <Day label={t('preferences.from')} required mayBeAhead value={from} onChange={setFrom} />
            <Day label={t('preferences.until')} required mayBeAhead value={until} onChange={setUntil} />
            <Select
              label={t('preferences.substitute')}
              data={(users.data?.items ?? [])
                .filter(({ active }) => active)
                .map(({ id, name }) => ({ value: id, label: name }))}
              value={substitute}
              onChange={setSubstitute}
            />
            <Button type="submit" loading={announce.isPending} disabled={!substitute}>
              {t('common.save')}
            </Button>
          </Group>
        </form>
      )}
    </Section>
  );
}

function useSaving<Sent>(save: (body: Sent) => Promise<unknown>) {
  const { t } = useTranslation();
  return useMutation({
    mutationFn: save,
    onSuccess: async () => {
      await queryClient.invalidateQueries();
      notifications.show({ color: 'green', message: t('preferences.saved') });
    },
    onError: showProblem,
  });
}
