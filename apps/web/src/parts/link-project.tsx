import { Button, Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AgreementView } from '#agreements';
import { type Commands, command, read, type Sent } from '../api.js';
import { withAcronym } from '../language/index.js';
import { FormDialog } from './form-dialog.js';
import { Choice } from './inputs.js';
import { None } from './none.js';
import { useCommand } from './use-command.js';

/** Says which project comes under an agreement, and what starts it. */
export function LinkProject({ agreement }: { agreement: AgreementView }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button size="xs" variant="light" leftSection={<IconPlus size={16} />} onClick={() => setOpen(true)}>
        {t('agreement.linkProject')}
      </Button>
      {isOpen && <LinkDialog agreement={agreement} onClose={() => setOpen(false)} />}
    </>
  );
}

function LinkDialog({ agreement, onClose }: { agreement: AgreementView; onClose: () => void }) {
  const { t } = useTranslation();
  const [project, setProject] = useState('');
  const [trigger, setTrigger] = useState<Sent<Commands['agreements/{id}/projects']>['trigger']>('signature');
  const [words, setWords] = useState('');
  const [asked] = useDebouncedValue(words, 200);
  const found = useQuery({
    queryKey: ['projects', 'to-link', asked],
    queryFn: () => read('projects', { q: asked || undefined, limit: '20' }),
    placeholderData: (before) => before,
  });
  const linked = new Set(agreement.projects.map((one) => one.project));
  const options = (found.data?.items ?? []).filter(({ id }) => !linked.has(id));
  const link = useCommand(t('links.done'), onClose);
  return (
    <FormDialog
      title={t('agreement.linkProject')}
      loading={link.isPending}
      disabled={!project}
      onSubmit={() =>
        link.mutate(() =>
          command('agreements/{id}/projects', { id: agreement.id }, { project, link: 'implements', trigger }),
        )
      }
      onClose={onClose}
    >
      <Select
        label={t('projects.name')}
        searchable
        data={options.map(({ id, acronym, title }) => ({
          value: id,
          label: withAcronym(acronym, title),
        }))}
        filter={({ options: all }) => all}
        value={project || null}
        onChange={(chosen) => setProject(chosen ?? '')}
        onSearchChange={setWords}
        nothingFoundMessage={<None>{t('projects.empty')}</None>}
      />
      <Choice label={t('agreement.whenStarts')} of="agreement.trigger" value={trigger} onChange={setTrigger} />
    </FormDialog>
  );
}
