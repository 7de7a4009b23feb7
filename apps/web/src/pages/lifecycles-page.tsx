import { Anchor, Badge, Button, Group, List, Paper, Stack, Table, Text, Textarea, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { DefinitionDefect, LifecycleView, TrialReport } from '#definitions';
import { queryClient, read, sendText } from '../api.js';
import { formatDay, wordsOf } from '../language/index.js';
import { Fetched } from '../parts/fetched.js';
import { LifecyclePicture } from '../parts/lifecycle-picture.js';
import { StageBadge } from '../parts/marks.js';
import { Migration } from '../parts/migration.js';
import { Count } from '../parts/none.js';
import { PageTitle } from '../parts/page-title.js';
import { showProblem } from '../parts/problems.js';
import { Section } from '../parts/section.js';

type Definition = LifecycleView['definition'];

/** The definitions as pictures; administrators write, publish and migrate here. */
export default function LifecyclesPage({ roles }: { roles: string[] }) {
  const { t } = useTranslation();
  const [text, setText] = useState<string>();
  const lifecycles = useQuery({ queryKey: ['lifecycles'], queryFn: () => read('lifecycles') });
  const isAdministrator = roles.includes('administrator');
  return (
    <>
      <PageTitle title={t('lifecycles.title')} subtitle={t('lifecycles.subtitle')} />
      <Stack gap="lg">
        {isAdministrator && <Editor text={text ?? ''} onChange={setText} />}
        <Fetched query={lifecycles}>
          {({ items }) => (
            <Stack gap="lg">
              {items.map((item) => (
                <Lifecycle
                  key={`${item.id} ${item.version}`}
                  item={item}
                  {...(isAdministrator && {
                    onUse: () => {
                      setText(JSON.stringify(item.definition, null, 2));
                      window.scrollTo({ top: 0, behavior: 'smooth' });
                    },
                  })}
                />
              ))}
            </Stack>
          )}
        </Fetched>
      </Stack>
    </>
  );
}

function Lifecycle({ item, onUse }: { item: LifecycleView; onUse?: () => void }) {
  const { t } = useTranslation();
  const { definition, version, isCurrent } = item;
  const [isOpen, setOpen] = useState(false);
  return (
    <Paper withBorder p="lg" data-lifecycle={`${item.id} ${version}`}>
      <Group justify="space-between" mb={isOpen ? 'md' : 0}>
        <Stack gap={2}>
          <Group gap="sm">
            <Title order={2} size="h4">
              {wordsOf(definition.labels)}
            </Title>
            <Badge variant="light" color="gray" tt="none">
              {t('lifecycles.version', { version })}
            </Badge>
            {!isCurrent && (
              <Badge variant="light" color="gray" tt="none">
                {t('lifecycles.former')}
              </Badge>
            )}
          </Group>
          {definition.appliesTo && (
            <Text size="sm" c="dimmed">
              {t('lifecycles.appliesTo', { types: definition.appliesTo.map((type) => t(`type.${type}`)).join(', ') })}
            </Text>
          )}
        </Stack>
        <Group gap="xs">
          {onUse && (
            <Button size="xs" variant="default" onClick={onUse}>
              {t('lifecycles.useAsModel')}
            </Button>
          )}
          <Button size="xs" variant="subtle" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {t(isOpen ? 'common.hide' : 'common.show')}
          </Button>
        </Group>
      </Group>
      {isOpen && <LifecyclePicture definition={definition} />}
      {isOpen && <Stages definition={definition} />}
      {isOpen && onUse && isCurrent && version > 0 && <Migration item={item} />}
    </Paper>
  );
}

/** Each stage with the ways that lead out of it, and what they ask for. */
function Stages({ definition }: { definition: Definition }) {
  const { t } = useTranslation();
  const stages = new Map(definition.stages.map((stage) => [stage.id, stage]));
  return (
    <Table verticalSpacing="xs">
      <Table.Tbody>
        {definition.stages.map((stage) => (
          <Table.Tr key={stage.id}>
            <Table.Td w={220} style={{ verticalAlign: 'top' }}>
              <StageBadge stage={stage} />
              <Text size="xs" c="dimmed" mt={4}>
                {stageNotes(t, stage)}
              </Text>
            </Table.Td>
            <Table.Td>
              <Stack gap={6}>
                {definition.transitions
                  .filter(({ from }) => from.includes(stage.id))
                  .map((transition) => (
                    <Group key={transition.id} gap={6}>
                      <Text size="sm" fs={transition.automatic ? 'italic' : undefined}>
                        {wordsOf(transition.labels)} →
                      </Text>
                      <StageBadge stage={stages.get(transition.to)!} />
                      <Text size="xs" c="dimmed">
                        {notesOn(t, definition, transition)}
                      </Text>
                    </Group>
                  ))}
              </Stack>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function notesOn(t: TFunction, { visas = [] }: Definition, transition: Definition['transitions'][number]): string {
  const notes = (transition.requires ?? []).map((requirement) => {
    if ('guard' in requirement) return wordsOf(requirement.labels);
    if ('visas' in requirement) {
      const names = requirement.visas.map((id) =>
        visas.find((visa) => visa.id === id)?.labels ? wordsOf(visas.find((visa) => visa.id === id)!.labels) : id,
      );
      return t('lifecycles.requires.visas', { names: names.join(', ') });
    }
    if ('documents' in requirement) {
      const names = requirement.documents.map((type) => t(`document.type.${type}`));
      return t('lifecycles.requires.documents', { names: names.join(', ') });
    }
    return t(`lifecycles.requires.${Object.keys(requirement)[0]}`);
  });
  notes.push(...(transition.effects ?? []).map((effect) => effectNote(t, effect)));
  if (transition.automatic) notes.unshift(t('lifecycles.automatic'));
  if (transition.exceptional) notes.unshift(t('lifecycles.exceptional'));
  return notes.join(' · ');
}

function effectNote(t: TFunction, effect: NonNullable<Definition['transitions'][number]['effects']>[number]): string {
  if ('projects' in effect) return t(`lifecycles.effects.projects.${effect.projects}`);
  if ('followUp' in effect) return t('lifecycles.effects.followUp', { task: wordsOf(effect.followUp.labels) });
  if ('notify' in effect) {
    const who = effect.notify.to.map((role) => t(`lifecycles.recipients.${role}`));
    return t('lifecycles.effects.notify', { who: who.join(', ') });
  }
  return t('amend' in effect ? 'lifecycles.effects.amend' : 'lifecycles.effects.supersede');
}

/** What a stage says of time. */
function stageNotes(t: TFunction, { clock, deadline, idleAfterWorkingDays }: Definition['stages'][number]): string {
  const [span, count] = Object.entries(deadline ?? {})[0] ?? [];
  return [
    ...(clock && clock !== 'us' ? [t(`lifecycles.clock.${clock}`)] : []),
    ...(span ? [t(`lifecycles.span.${span}`, { count })] : []),
    ...(idleAfterWorkingDays ? [t('lifecycles.idle', { count: idleAfterWorkingDays })] : []),
  ].join(' · ');
}

function Editor({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const { t } = useTranslation();
  const [settled] = useDebouncedValue(text, 300);
  const check = useQuery({
    queryKey: ['lifecycle-check', settled],
    queryFn: () =>
      sendText<{ defects: DefinitionDefect[]; definition?: Definition }>('POST', 'lifecycles/check', settled),
    enabled: settled.trim() !== '',
  });
  const publish = useMutation({
    mutationFn: () => sendText<{ version: number }>('PUT', `lifecycles/${idIn(text)}`, text),
    onSuccess: async ({ version }) => {
      await queryClient.invalidateQueries();
      notifications.show({ color: 'green', message: t('lifecycles.published', { version }) });
    },
    onError: showProblem,
  });
  const attempt = useMutation({
    mutationFn: () => sendText<TrialReport>('POST', 'lifecycles/what-if', text),
    onError: showProblem,
  });
  const defects = settled === text ? check.data?.defects : undefined;
  return (
    <Section title={t('lifecycles.write')}>
      <Stack gap="sm">
        <Textarea
          label={t('lifecycles.text')}
          description={t('lifecycles.hint')}
          autosize
          minRows={6}
          maxRows={28}
          spellCheck={false}
          styles={{ input: { fontFamily: 'monospace', fontSize: 13 } }}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
        {defects && defects.length > 0 && (
          <div role="status">
            <Text size="sm" fw={600} c="var(--mantine-color-error)">
              {t('lifecycles.defects', { count: defects.length })}
            </Text>
            <List size="sm" spacing={2}>
              {defects.map(({ line, place, message, suggestion }) => (
                <List.Item key={`${line} ${place} ${message}`}>
                  <b>{t('lifecycles.line', { line })}</b>, {place} : {message}
                  {suggestion && ` (${suggestion})`}
                </List.Item>
              ))}
            </List>
          </div>
        )}
        {defects?.length === 0 && check.data?.definition && <LifecyclePicture definition={check.data.definition} />}
        {defects?.length === 0 && (
          <Text size="sm" c="var(--mantine-color-green-light-color)" role="status">
            {t('lifecycles.sound')}
          </Text>
        )}
        <Group>
          <Button disabled={defects?.length !== 0} loading={publish.isPending} onClick={() => publish.mutate()}>
            {t('lifecycles.publish')}
          </Button>
          <Button
            variant="default"
            disabled={defects?.length !== 0}
            loading={attempt.isPending}
            onClick={() => attempt.mutate()}
          >
            {t('lifecycles.try')}
          </Button>
        </Group>
        {attempt.data && <TrialOf report={attempt.data} />}
      </Stack>
    </Section>
  );
}

/** What would have become of the agreements on record. */
function TrialOf({ report: { tried, stopped, delayDays, reminders, reminded, items } }: { report: TrialReport }) {
  const { t } = useTranslation();
  return (
    <div role="status" data-tried={tried}>
      <Text size="sm" fw={600}>
        <Count of={tried}>{t('lifecycles.tried', { tried, stopped, delayDays, reminders })}</Count>
      </Text>
      <List size="sm" spacing={2}>
        {reminded.map(({ owner, name, count }) => (
          <List.Item key={owner ?? ''}>
            {t('lifecycles.reminded', { name: name ?? t('lifecycles.nobody'), count })}
          </List.Item>
        ))}
        {items.flatMap(({ agreement, title, stops }) =>
          stops.map(({ on, from, to, missing }) => (
            <List.Item key={`${agreement} ${on} ${from} ${to}`}>
              <Anchor component={Link} to={`/accords/${agreement}`}>
                {title}
              </Anchor>
              , {formatDay(on)} : {missing.map((labels) => wordsOf(labels)).join(' ')}
            </List.Item>
          )),
        )}
      </List>
    </div>
  );
}

/** The id that a text gives to its definition. */
const idIn = (text: string): string => /^\s*"?id"?\s*:\s*"?([a-z0-9-]+)/m.exec(text)?.[1] ?? '';
