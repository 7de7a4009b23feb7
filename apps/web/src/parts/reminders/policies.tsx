import { Badge, Button, Group, List, Paper, Stack, Text, Textarea, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PolicyView, RehearsalReport } from '#reminders';
import { queryClient, read, sendText } from '../../api.js';
import { formatDay, wordsOf } from '../../language/index.js';
import { Fetched } from '../fetched.js';
import { Count } from '../none.js';
import { showProblem } from '../problems.js';
import { Section } from '../section.js';

type Rule = PolicyView['definition']['rules'][number];

/** The rules by which reminders go out; administrators change them here, after a look at what that would have sent. */
export function Policies({ isAdministrator }: { isAdministrator: boolean }) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const policies = useQuery({
    queryKey: ['reminder-policies'],
    queryFn: () => read('reminder-policies'),
  });
  return (
    <Stack>
      {isAdministrator && <Editor text={text} onChange={setText} />}
      <Fetched query={policies}>
        {({ items }) => (
          <Stack>
            {items
              .filter(({ isCurrent }) => isCurrent)
              .map(({ id, version, definition }) => (
                <Paper key={`${id} ${version}`} withBorder p="lg" data-policy={`${id} ${version}`}>
                  <Group justify="space-between" mb="md">
                    <Group gap="sm">
                      <Title order={2} size="h4">
                        {wordsOf(definition.labels)}
                      </Title>
                      <Badge variant="light" color="gray" tt="none">
                        {t('lifecycles.version', { version })}
                      </Badge>
                    </Group>
                    {isAdministrator && (
                      <Button
                        size="xs"
                        variant="default"
                        onClick={() => {
                          setText(JSON.stringify(definition, null, 2));
                          window.scrollTo({ top: 0, behavior: 'smooth' });
                        }}
                      >
                        {t('reminders.changePolicy')}
                      </Button>
                    )}
                  </Group>
                  <Stack gap="sm">
                    {definition.rules.map((rule) => (
                      <div key={rule.id}>
                        <Text size="sm" fw={600}>
                          {t(`reminders.rules.${rule.id}`, { defaultValue: rule.id })}
                        </Text>
                        <Text size="sm" c="dimmed">
                          {ruleInWords(t, rule)}
                        </Text>
                      </div>
                    ))}
                  </Stack>
                </Paper>
              ))}
          </Stack>
        )}
      </Fetched>
    </Stack>
  );
}

function Editor({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const { t } = useTranslation();
  const [settled] = useDebouncedValue(text, 300);
  const check = useQuery({
    queryKey: ['policy-check', settled],
    queryFn: () =>
      sendText<{ defects: { line: number; place: string; message: string }[] }>(
        'POST',
        'reminder-policies/check',
        settled,
      ),
    enabled: settled.trim() !== '',
  });
  const publish = useMutation({
    mutationFn: () => {
      const id = /^\s*"?id"?\s*:\s*"?([a-z0-9-]+)/m.exec(text)?.[1] ?? '';
      return sendText<{ version: number }>('PUT', `reminder-policies/${id}`, text);
    },
    onSuccess: async ({ version }) => {
      await queryClient.invalidateQueries();
      notifications.show({ color: 'green', message: t('lifecycles.published', { version }) });
    },
    onError: showProblem,
  });
  const rehearse = useMutation({
    mutationFn: () => sendText<RehearsalReport>('POST', 'reminder-policies/dry-run', text),
    onError: showProblem,
  });
  const defects = settled === text ? check.data?.defects : undefined;
  return (
    <Section title={t('reminders.writePolicy')}>
      <Stack gap="sm">
        <Textarea
          label={t('reminders.policyText')}
          autosize
          minRows={4}
          maxRows={24}
          spellCheck={false}
          styles={{ input: { fontFamily: 'monospace', fontSize: 13 } }}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
        {defects && defects.length > 0 && (
          <List size="sm" spacing={2} role="status">
            {defects.map(({ line, place, message }) => (
              <List.Item key={`${line} ${place} ${message}`}>
                <b>{t('lifecycles.line', { line })}</b>, {place} : {message}
              </List.Item>
            ))}
          </List>
        )}
        {defects?.length === 0 && (
          <Text size="sm" c="var(--mantine-color-green-light-color)" role="status">
            {t('reminders.policySound')}
          </Text>
        )}
        <Group>
          <Button disabled={defects?.length !== 0} loading={publish.isPending} onClick={() => publish.mutate()}>
            {t('lifecycles.publish')}
          </Button>
          <Button
            variant="default"
            disabled={defects?.length !== 0}
            loading={rehearse.isPending}
            onClick={() => rehearse.mutate()}
          >
            {t('reminders.rehearse')}
          </Button>
        </Group>
        {rehearse.data && <Rehearsed report={rehearse.data} />}
      </Stack>
    </Section>
  );
}

function Rehearsed({ report: { count, countNow, byRule, byRecipient, items } }: { report: RehearsalReport }) {
  const { t } = useTranslation();
  return (
    <div role="status" data-rehearsed={count}>
      <Text size="sm" fw={600}>
        <Count of={count}>{t('reminders.wouldHaveSent', { count })}</Count>
        {countNow !== undefined && ` ${t('reminders.insteadOfNow', { count: countNow })}`}
      </Text>
      <Text size="sm">
        {byRule
          .map((one) => `${t(`reminders.rules.${one.rule}`, { defaultValue: one.rule })} : ${one.count}`)
          .join(' · ')}
      </Text>
      <Text size="sm">{byRecipient.map((one) => `${one.recipient.name} : ${one.count}`).join(' · ')}</Text>
      <List size="sm" spacing={2} mt="xs">
        {items.slice(0, 20).map(({ dueAt, subject, sentence, recipient }) => (
          <List.Item key={`${dueAt} ${subject.id} ${recipient.id} ${sentence.fr}`}>
            {formatDay(dueAt)}, {recipient.name} : {subject.title}. {wordsOf(sentence)}
          </List.Item>
        ))}
      </List>
    </div>
  );
}

/** A rule as one would say it. */
function ruleInWords(t: TFunction, { at, repeat, to, escalate = [] }: Rule): string {
  const offsets = at.map((offset) => {
    if (offset === 'day') return t('reminders.at.day');
    if ('patience' in offset) return t('reminders.at.patience', { count: offset.patience });
    if ('before' in offset) return t('reminders.at.before', { span: spanInWords(t, offset.before) });
    return t('reminders.at.after', { span: spanInWords(t, offset.after) });
  });
  const who = (names: string[]) => names.map((name) => recipientInWords(t, name)).join(', ');
  return [
    offsets.join(', '),
    ...(repeat ? [t('reminders.at.repeat', { span: spanInWords(t, repeat.every) })] : []),
    `→ ${who(to)}`,
    ...escalate.map(({ from, to: others }) => t('reminders.at.escalate', { from, who: who(others) })),
  ].join(' ; ');
}

function spanInWords(t: TFunction, span: object): string {
  const [unit, count] = Object.entries(span)[0] as [string, number];
  return t(`reminders.spans.${unit}`, { count });
}

function recipientInWords(t: TFunction, recipient: string): string {
  const [kind, name] = recipient.split(':');
  if (name === undefined) return t(`reminders.recipients.${kind}`);
  return t(`reminders.recipients.${kind}`, { name: t(`reminders.names.${name}`, { defaultValue: name }) });
}
