import {
  Anchor,
  Badge,
  Button,
  Group,
  MultiSelect,
  PasswordInput,
  Stack,
  Table,
  TagsInput,
  Text,
  VisuallyHidden,
} from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { addDays } from '#calendar/browser';
import { type Commands, command, read, type Sent, send } from '../api.js';
import { choices, formatDay, formatInstant, formatNumber, today } from '../language/index.js';
import { useMe } from '../me.js';
import { useConsumers } from '../parts/consumers/consumers.js';
import { Fetched } from '../parts/fetched.js';
import { FormDialog } from '../parts/form-dialog.js';
import { Choice, Day, Line } from '../parts/inputs.js';
import { Count } from '../parts/none.js';
import { PageTitle } from '../parts/page-title.js';
import { People } from '../parts/people.js';
import { ReasonInput } from '../parts/reason-input.js';
import { Section } from '../parts/section.js';
import { Tag } from '../parts/tag.js';
import { useCommand } from '../parts/use-command.js';
import { type User, useUsers } from '../parts/users.js';

/** Who works here, which days are off, and whether everything runs. */
export default function AdministrationPage() {
  const { t } = useTranslation();
  const { roles } = useMe();
  if (!roles.includes('administrator')) return <Text c="dimmed">{t('problem.FORBIDDEN')}</Text>;
  return (
    <>
      <PageTitle title={t('nav.administration')} subtitle={t('administration.subtitle')} />
      <Stack gap="lg" maw={1040}>
        <Users />
        <People />
        <Feasts />
        <Health />
      </Stack>
    </>
  );
}

function Users() {
  const { t } = useTranslation();
  const users = useUsers();
  const [isAdding, setAdding] = useState(false);
  const [changed, change] = useState<User>();
  return (
    <Section
      title={t('administration.users')}
      actions={
        <Button size="xs" onClick={() => setAdding(true)}>
          {t('administration.addUser')}
        </Button>
      }
    >
      <Fetched query={users}>
        {({ items }) => (
          <Table.ScrollContainer minWidth={640}>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('administration.name')}</Table.Th>
                  <Table.Th>{t('administration.roles')}</Table.Th>
                  <Table.Th>{t('administration.groups')}</Table.Th>
                  <Table.Th>
                    <VisuallyHidden>{t('common.actions')}</VisuallyHidden>
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {items.map((user) => (
                  <Table.Tr key={user.id}>
                    <Table.Td>
                      {user.name}
                      <Text size="xs" c="dimmed">
                        {user.email}
                      </Text>
                    </Table.Td>
                    <Table.Td>{user.roles.map((role) => t(`administration.role.${role}`)).join(', ')}</Table.Td>
                    <Table.Td>
                      {user.groups.map((group) => t(`reminders.names.${group}`, { defaultValue: group })).join(', ')}
                    </Table.Td>
                    <Table.Td ta="end">
                      <Button
                        size="compact-xs"
                        variant="default"
                        onClick={() => change(user)}
                        aria-label={`${t('reminders.changePolicy')} : ${user.name}`}
                      >
                        {t('reminders.changePolicy')}
                      </Button>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </Fetched>
      {isAdding && <AddUser onClose={() => setAdding(false)} />}
      {changed && <ChangeGroups user={changed} onClose={() => change(undefined)} />}
    </Section>
  );
}

function AddUser({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [roles, setRoles] = useState<Sent<Commands['users']>['roles']>(['officer']);
  const add = useCommand(t('transition.done'), onClose);
  return (
    <FormDialog
      title={t('administration.addUser')}
      loading={add.isPending}
      disabled={roles.length === 0}
      onSubmit={() =>
        add.mutate(() => command('users', {}, { name: name.trim(), email: email.trim(), password, roles }))
      }
      onClose={onClose}
    >
      <Line label={t('administration.name')} required value={name} onChange={setName} autoFocus />
      <Line label={t('signIn.email')} required value={email} onChange={setEmail} />
      <PasswordInput
        label={t('signIn.password')}
        description={t('administration.passwordHint')}
        required
        minLength={12}
        value={password}
        onChange={({ currentTarget }) => setPassword(currentTarget.value)}
      />
      <MultiSelect
        label={t('administration.roles')}
        data={choices('administration.role')}
        value={roles}
        onChange={(chosen) => setRoles(chosen as typeof roles)}
      />
    </FormDialog>
  );
}

function ChangeGroups({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useTranslation();
  const [groups, setGroups] = useState(user.groups);
  const save = useCommand(t('transition.done'), onClose);
  return (
    <FormDialog
      title={t('administration.changeGroups', { name: user.name })}
      submit={t('common.save')}
      loading={save.isPending}
      onSubmit={() => save.mutate(() => send('put', 'users/{id}/groups', { id: user.id }, { groups }))}
      onClose={onClose}
    >
      <TagsInput
        label={t('administration.groups')}
        description={t('administration.groupsHint')}
        data={['head-of-division', 'director', 'secretary-general']}
        value={groups}
        onChange={setGroups}
        data-autofocus
      />
    </FormDialog>
  );
}

interface Feast {
  feast: string;
  hijriYear: number;
  days: string[];
  state: 'predicted' | 'proclaimed';
  source?: string;
}

/** The feasts of the year; those that follow the moon are predicted until somebody proclaims them. */
function Feasts() {
  const { t } = useTranslation();
  const year = today().slice(0, 4);
  const calendar = useQuery({
    queryKey: ['calendars', year],
    queryFn: () => read('calendars', { year }),
  });
  const [proclaimed, proclaim] = useState<Feast>();
  const [isDeclaring, setDeclaring] = useState(false);
  return (
    <Section
      title={t('administration.feasts', { year })}
      actions={
        <Button size="xs" variant="default" onClick={() => setDeclaring(true)}>
          {t('administration.declare')}
        </Button>
      }
    >
      <Fetched query={calendar}>
        {({ feasts, days }) => (
          <Table>
            <Table.Tbody>
              {feasts.map((feast) => (
                <Table.Tr key={`${feast.feast} ${feast.hijriYear}`} data-feast={feast.feast}>
                  <Table.Td>{t(`administration.feast.${feast.feast}`, { defaultValue: feast.feast })}</Table.Td>
                  <Table.Td>{feast.days.map(formatDay).join(', ')}</Table.Td>
                  <Table.Td>
                    <Tag tone={feast.state === 'proclaimed' ? 'active' : 'preparation'}>
                      {t(`administration.feastState.${feast.state}`)}
                    </Tag>
                  </Table.Td>
                  <Table.Td ta="end">
                    <Button size="compact-xs" variant="default" onClick={() => proclaim(feast)}>
                      {t('administration.proclaim')}
                    </Button>
                  </Table.Td>
                </Table.Tr>
              ))}
              {days.map(({ day, worked }) => (
                <Table.Tr key={day}>
                  <Table.Td>{t('administration.exceptional')}</Table.Td>
                  <Table.Td>{formatDay(day)}</Table.Td>
                  <Table.Td>{t(worked ? 'administration.worked' : 'administration.off')}</Table.Td>
                  <Table.Td />
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Fetched>
      {proclaimed && calendar.data && (
        <Proclaim country={calendar.data.country} feast={proclaimed} onClose={() => proclaim(undefined)} />
      )}
      {isDeclaring && calendar.data && (
        <DeclareDay country={calendar.data.country} onClose={() => setDeclaring(false)} />
      )}
    </Section>
  );
}

interface Move {
  subject: { kind: string; id: string };
  from: string;
  to: string;
}

/** Which reminders a declaration would move; nothing is recorded by asking. */
function Moves<Path extends 'calendars/feasts' | 'calendars/days'>({
  path,
  body,
}: {
  path: Path;
  body: Sent<Commands[Path]>;
}) {
  const { t } = useTranslation();
  const moves = useQuery({
    queryKey: ['calendars', 'moves', path, body],
    queryFn: () => send('post', path, { dryRun: 'true' } as never, body as never) as Promise<{ moves: Move[] }>,
    retry: false,
  });
  if (!moves.data) return null;
  return (
    <Stack gap={4} role="status">
      <Text size="sm">
        <Count of={moves.data.moves.length}>{t('administration.moves', { count: moves.data.moves.length })}</Count>
      </Text>
      {moves.data.moves.slice(0, 8).map(({ subject, from, to }) => (
        <Text key={`${subject.id} ${from} ${to}`} size="xs" c="dimmed">
          {subject.id}: {formatInstant(from)} → {formatInstant(to)}
        </Text>
      ))}
    </Stack>
  );
}

interface OfCountry {
  /** The desk's, ISO 3166-1 alpha-2. */
  country: string;
  onClose: () => void;
}

function Proclaim({ country, feast: { feast, hijriYear, days }, onClose }: OfCountry & { feast: Feast }) {
  const { t } = useTranslation();
  const [first, setFirst] = useState(days[0] ?? '');
  const [source, setSource] = useState('');
  const proclaim = useCommand(t('transition.done'), onClose);
  const body = {
    country,
    feast,
    hijriYear,
    days: days.map((_, index) => addDays(first, index)),
    source: source.trim() || '–',
  };
  return (
    <FormDialog
      title={t('administration.proclaim')}
      loading={proclaim.isPending}
      onSubmit={() => proclaim.mutate(() => send('post', 'calendars/feasts', {}, body))}
      onClose={onClose}
    >
      <Text fw={600}>{t(`administration.feast.${feast}`, { defaultValue: feast })}</Text>
      <Day label={t('administration.firstDay')} required mayBeAhead value={first} onChange={setFirst} />
      <Line label={t('administration.source')} required value={source} onChange={setSource} />
      {first && <Moves path="calendars/feasts" body={body} />}
    </FormDialog>
  );
}

/** Declares a day, after a look at which reminders that moves. */
function DeclareDay({ country, onClose }: OfCountry) {
  const { t } = useTranslation();
  const [day, setDay] = useState('');
  const [worked, setWorked] = useState('off');
  const [reason, setReason] = useState('');
  const declare = useCommand(t('transition.done'), onClose);
  const body = { country, day, worked: worked === 'worked', reason: reason.trim() || '–' };
  return (
    <FormDialog
      title={t('administration.declare')}
      loading={declare.isPending}
      onSubmit={() => declare.mutate(() => send('post', 'calendars/days', {}, body))}
      onClose={onClose}
    >
      <Day label={t('administration.day')} required mayBeAhead value={day} onChange={setDay} />
      <Choice
        label={t('administration.dayIs')}
        value={worked}
        onChange={setWorked}
        of={[
          { value: 'off', label: t('administration.off') },
          { value: 'worked', label: t('administration.worked') },
        ]}
      />
      <ReasonInput value={reason} onChange={setReason} />
      {day && <Moves path="calendars/days" body={body} />}
    </FormDialog>
  );
}

/** Whether the read models keep up and the queue is in order. */
function Health() {
  const { t } = useTranslation();
  const queue = useQuery({
    queryKey: ['queues'],
    queryFn: () => read('queues/reminders'),
    refetchInterval: 10_000,
  });
  const ready = useQuery({
    queryKey: ['ready'],
    queryFn: async () => (await fetch('/health/ready')).ok,
    refetchInterval: 10_000,
  });
  const parked = (useConsumers().data ?? []).reduce((sum, one) => sum + one.parked.length, 0);
  return (
    <Section title={t('administration.health')}>
      <Group gap="lg">
        <Tag tone={ready.data ? 'active' : 'late'}>
          {t(ready.data ? 'administration.ready' : 'administration.notReady')}
        </Tag>
        {queue.data &&
          (['waiting', 'delayed', 'active', 'failed'] as const).map((state) => (
            <Group key={state} gap={6}>
              <Text size="sm">{t(`administration.jobs.${state}`)}</Text>
              <Badge variant="default">{formatNumber(queue.data[state])}</Badge>
            </Group>
          ))}
        <Anchor component={Link} to="/consumers" size="sm">
          {t('consumers.title')}
        </Anchor>
        {parked > 0 && <Tag tone="late">{t('consumers.count', { count: parked })}</Tag>}
        <Anchor href="/api/queues" size="sm">
          {t('reminders.queues')}
        </Anchor>
        <Anchor href="/api/docs" size="sm">
          {t('administration.api')}
        </Anchor>
      </Group>
    </Section>
  );
}
