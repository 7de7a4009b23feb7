import { ActionIcon, Button, Group, Menu, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDots, IconPrinter } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ProjectView } from '#projects';
import { command, queryClient } from '../api.js';
import { today } from '../language/index.js';
import { FormDialog } from './form-dialog.js';
import { Day, Line } from './inputs.js';
import { showProblem } from './problems.js';
import { ReasonInput } from './reason-input.js';

/** What a dialog asks for before the command is given. */
interface Action {
  path: string;
  title: string;
  fields: ('date' | 'ahead' | 'reason' | 'name' | 'text')[];
  body: (asked: { date: string; reason: string; name: string; text: string }) => object;
}

function useProjectCommand(project: ProjectView, onDone: () => void) {
  const { t } = useTranslation();
  return useMutation({
    mutationFn: ({ path, body }: { path: string; body: object }) =>
      command(`projects/${project.id}/${path}`, body, project.revision),
    onSuccess: async () => {
      await queryClient.invalidateQueries();
      notifications.show({ color: 'green', message: t('transition.done') });
      onDone();
    },
    onError: showProblem,
  });
}

/** What can be recorded of a project as it stands. */
export function ProjectActions({ project }: { project: ProjectView }) {
  const { t } = useTranslation();
  const [action, setAction] = useState<Action>();
  const { status } = project;
  const isOver = status === 'closed' || status === 'cancelled';
  const reasoned = (path: string): Action => ({
    path,
    title: t(`projectActions.${path}`),
    fields: ['reason', 'date'],
    body: ({ reason, date }) => ({ reason, effectiveOn: date }),
  });
  const actions: Action[] = [
    ...(status === 'planned'
      ? [
          {
            path: 'start',
            title: t('projectActions.start'),
            fields: ['date' as const],
            body: ({ date }: { date: string }) => ({ startedOn: date }),
          },
        ]
      : []),
    ...(status === 'implementation'
      ? [
          {
            path: 'complete',
            title: t('projectActions.complete'),
            fields: ['date' as const],
            body: ({ date }: { date: string }) => ({ completedOn: date }),
          },
          reasoned('suspend'),
        ]
      : []),
    ...(status === 'suspended' ? [reasoned('resume')] : []),
    ...(isOver
      ? []
      : [
          {
            path: 'milestones',
            title: t('projectActions.plan'),
            fields: ['name' as const, 'ahead' as const],
            body: ({ name, date }: { name: string; date: string }) => ({
              milestone: crypto.randomUUID(),
              title: name,
              plannedFor: date,
            }),
          },
          {
            path: 'progress',
            title: t('projectActions.report'),
            fields: ['text' as const, 'date' as const],
            body: ({ text, date }: { text: string; date: string }) => ({
              report: `r-${date}-${crypto.randomUUID().slice(0, 8)}`,
              text,
              reportedOn: date,
            }),
          },
          reasoned('cancel'),
        ]),
  ];
  return (
    <Group gap="xs" className="no-print">
      <Button variant="default" leftSection={<IconPrinter size={16} />} onClick={() => window.print()}>
        {t('common.print')}
      </Button>
      {actions.length > 0 && (
        <Menu position="bottom-end">
          <Menu.Target>
            <Button>{t('projectActions.record')}</Button>
          </Menu.Target>
          <Menu.Dropdown>
            {actions.map((one) => (
              <Menu.Item key={one.path} onClick={() => setAction(one)}>
                {one.title}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      {action && <ActionDialog project={project} action={action} onClose={() => setAction(undefined)} />}
    </Group>
  );
}

/** A milestone is reached, moved with a reason, or dropped with one. */
export function MilestoneActions({
  project,
  milestone: { milestone, title },
}: {
  project: ProjectView;
  milestone: ProjectView['milestones'][number];
}) {
  const { t } = useTranslation();
  const [action, setAction] = useState<Action>();
  const path = `milestones/${encodeURIComponent(milestone)}`;
  const actions: Action[] = [
    {
      path: `${path}/reach`,
      title: t('projectActions.reach'),
      fields: ['date'],
      body: ({ date }) => ({ reachedOn: date }),
    },
    {
      path: `${path}/reschedule`,
      title: t('projectActions.reschedule'),
      fields: ['ahead', 'reason'],
      body: ({ date, reason }) => ({ to: date, reason }),
    },
    { path: `${path}/drop`, title: t('projectActions.drop'), fields: ['reason'], body: ({ reason }) => ({ reason }) },
  ];
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={t('projectActions.of', { title })}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {actions.map((one) => (
            <Menu.Item key={one.path} onClick={() => setAction(one)}>
              {one.title}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {action && <ActionDialog project={project} action={action} onClose={() => setAction(undefined)} />}
    </>
  );
}

function ActionDialog({ project, action, onClose }: { project: ProjectView; action: Action; onClose: () => void }) {
  const { t } = useTranslation();
  const isAhead = action.fields.includes('ahead');
  const [date, setDate] = useState(isAhead ? '' : today());
  const [reason, setReason] = useState('');
  const [name, setName] = useState('');
  const [text, setText] = useState('');
  const give = useProjectCommand(project, onClose);
  const asked = { date, reason: reason.trim(), name: name.trim(), text: text.trim() };
  return (
    <FormDialog
      title={action.title}
      loading={give.isPending}
      onSubmit={() => give.mutate({ path: action.path, body: action.body(asked) })}
      onClose={onClose}
    >
      {action.fields.includes('name') && (
        <Line label={t('projectActions.name')} required value={name} onChange={setName} autoFocus />
      )}
      {action.fields.includes('text') && (
        <Textarea
          label={t('projectActions.text')}
          required
          autosize
          minRows={5}
          maxLength={20_000}
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
          data-autofocus
        />
      )}
      {(isAhead || action.fields.includes('date')) && (
        <Day
          label={t(isAhead ? 'projectActions.for' : 'projectActions.on')}
          required
          mayBeAhead={isAhead}
          value={date}
          onChange={setDate}
        />
      )}
      {action.fields.includes('reason') && <ReasonInput value={reason} onChange={setReason} />}
    </FormDialog>
  );
}
