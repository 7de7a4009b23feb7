import { ActionIcon, Button, Group, Menu, Textarea } from '@mantine/core';
import { IconDots, IconPrinter } from '@tabler/icons-react';
import type { TFunction } from 'i18next';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ProjectView } from '#projects';
import { command } from '../api.js';
import { today } from '../language/index.js';
import { FormDialog } from './form-dialog.js';
import { Day, Line } from './inputs.js';
import { ReasonInput } from './reason-input.js';
import { useCommand } from './use-command.js';

/** What was filled in. */
interface Asked {
  date: string;
  reason: string;
  name: string;
  text: string;
}

/** What a dialog asks for, and the command that is given then. */
interface Action {
  id: string;
  title: string;
  fields: ('date' | 'ahead' | 'reason' | 'name' | 'text')[];
  give: (asked: Asked) => Promise<unknown>;
}

/** What can be recorded of a project, and in which states. */
function actionsOn({ id, revision }: ProjectView, t: TFunction): (Action & { when: ProjectView['status'][] })[] {
  const open = ['planned', 'implementation', 'suspended'];
  return [
    {
      id: 'start',
      when: ['planned'],
      title: t('projectActions.start'),
      fields: ['date'],
      give: ({ date }) => command('projects/{id}/start', { id }, { startedOn: date }, revision),
    },
    {
      id: 'complete',
      when: ['implementation'],
      title: t('projectActions.complete'),
      fields: ['date'],
      give: ({ date }) => command('projects/{id}/complete', { id }, { completedOn: date }, revision),
    },
    {
      id: 'suspend',
      when: ['implementation'],
      title: t('projectActions.suspend'),
      fields: ['reason', 'date'],
      give: ({ reason, date }) => command('projects/{id}/suspend', { id }, { reason, effectiveOn: date }, revision),
    },
    {
      id: 'resume',
      when: ['suspended'],
      title: t('projectActions.resume'),
      fields: ['reason', 'date'],
      give: ({ reason, date }) => command('projects/{id}/resume', { id }, { reason, effectiveOn: date }, revision),
    },
    {
      id: 'plan',
      when: open,
      title: t('projectActions.plan'),
      fields: ['name', 'ahead'],
      give: ({ name, date }) => {
        const plan = { milestone: crypto.randomUUID(), title: name, plannedFor: date };
        return command('projects/{id}/milestones', { id }, plan, revision);
      },
    },
    {
      id: 'report',
      when: open,
      title: t('projectActions.report'),
      fields: ['text', 'date'],
      give: ({ text, date }) => {
        const report = `r-${date}-${crypto.randomUUID().slice(0, 8)}`;
        return command('projects/{id}/progress', { id }, { report, text, reportedOn: date }, revision);
      },
    },
    {
      id: 'cancel',
      when: open,
      title: t('projectActions.cancel'),
      fields: ['reason', 'date'],
      give: ({ reason, date }) => command('projects/{id}/cancel', { id }, { reason, effectiveOn: date }, revision),
    },
  ];
}

/** What can be recorded of a project as it stands. */
export function ProjectActions({ project }: { project: ProjectView }) {
  const { t } = useTranslation();
  const actions = actionsOn(project, t).filter(({ when }) => when.includes(project.status));
  return (
    <Group gap="xs" className="no-print">
      <Button variant="default" leftSection={<IconPrinter size={16} />} onClick={() => window.print()}>
        {t('common.print')}
      </Button>
      <ActionMenu actions={actions}>
        <Button>{t('projectActions.record')}</Button>
      </ActionMenu>
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
  const of = { id: project.id, milestone };
  const { revision } = project;
  const actions: Action[] = [
    {
      id: 'reach',
      title: t('projectActions.reach'),
      fields: ['date'],
      give: ({ date }) => command('projects/{id}/milestones/{milestone}/reach', of, { reachedOn: date }, revision),
    },
    {
      id: 'reschedule',
      title: t('projectActions.reschedule'),
      fields: ['ahead', 'reason'],
      give: ({ date, reason }) =>
        command('projects/{id}/milestones/{milestone}/reschedule', of, { to: date, reason }, revision),
    },
    {
      id: 'drop',
      title: t('projectActions.drop'),
      fields: ['reason'],
      give: ({ reason }) => command('projects/{id}/milestones/{milestone}/drop', of, { reason }, revision),
    },
  ];
  return (
    <ActionMenu actions={actions}>
      <ActionIcon variant="subtle" color="gray" aria-label={t('projectActions.of', { title })}>
        <IconDots size={16} />
      </ActionIcon>
    </ActionMenu>
  );
}

/** A menu of actions under what opens it, and the dialog of the one that is chosen. */
function ActionMenu({ actions, children }: { actions: Action[]; children: ReactNode }) {
  const [action, setAction] = useState<Action>();
  return (
    <>
      {actions.length > 0 && (
        <Menu position="bottom-end">
          <Menu.Target>{children}</Menu.Target>
          <Menu.Dropdown>
            {actions.map((one) => (
              <Menu.Item key={one.id} onClick={() => setAction(one)}>
                {one.title}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      {action && <ActionDialog action={action} onClose={() => setAction(undefined)} />}
    </>
  );
}

function ActionDialog({ action, onClose }: { action: Action; onClose: () => void }) {
  const { t } = useTranslation();
  const isAhead = action.fields.includes('ahead');
  const [date, setDate] = useState(isAhead ? '' : today());
  const [reason, setReason] = useState('');
  const [name, setName] = useState('');
  const [text, setText] = useState('');
  const give = useCommand(t('transition.done'), onClose);
  const asked = { date, reason: reason.trim(), name: name.trim(), text: text.trim() };
  return (
    <FormDialog
      title={action.title}
      loading={give.isPending}
      onSubmit={() => give.mutate(() => action.give(asked))}
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
