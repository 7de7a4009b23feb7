import { Alert, Button, Group, Stack, Switch, Text } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AgreementView } from '#agreements';
import { command, queryClient, send } from '../api.js';
import { showDone } from './done.js';
import { FormDialog } from './form-dialog.js';
import { Line } from './inputs.js';
import { OwnerChoice } from './owner-choice.js';

import { showProblem } from './problems.js';

/** Completes or corrects what an agreement is called, its framework and who answers for it. */
export function ChangeParticulars({ agreement }: { agreement: AgreementView }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button size="xs" variant="default" leftSection={<IconPencil size={16} />} onClick={() => setOpen(true)}>
        {t('agreement.change')}
      </Button>
      {isOpen && <ChangeDialog agreement={agreement} onClose={() => setOpen(false)} />}
    </>
  );
}

function ChangeDialog({ agreement, onClose }: { agreement: AgreementView; onClose: () => void }) {
  const { t } = useTranslation();
  // What the user saw when the dialog opened: a change by somebody else since then is not overwritten unseen.
  const [seen] = useState(agreement);
  const [title, setTitle] = useState(seen.title);
  const [framework, setFramework] = useState(seen.framework ?? '');
  const [owner, setOwner] = useState(seen.owner?.id ?? '');
  const [confidential, setConfidential] = useState(seen.confidential ?? false);
  const [base, setBase] = useState(seen.revision);
  const save = useMutation({
    mutationFn: async () => {
      let revision = base;
      const changes = {
        ...(title.trim() !== seen.title && { title: title.trim() }),
        ...(framework.trim() !== (seen.framework ?? '') && { framework: framework.trim() }),
        ...(confidential !== (seen.confidential ?? false) && { confidential }),
      };
      if (Object.keys(changes).length > 0)
        ({ revision } = await send('patch', 'agreements/{id}', { id: agreement.id }, changes, revision));
      if (owner && owner !== seen.owner?.id)
        await command('agreements/{id}/owner', { id: agreement.id }, { owner }, revision);
    },
    onSuccess: async () => {
      await queryClient.invalidateQueries();
      showDone(t('transition.done'), () => takeBack(seen, { title: title.trim(), framework: framework.trim(), owner }));
      onClose();
    },
    onError: showProblem,
  });
  const isOutdated = agreement.revision > base;
  return (
    <FormDialog
      title={t('agreement.change')}
      submit={isOutdated ? t('merge.keepMine') : t('common.save')}
      loading={save.isPending}
      onSubmit={() => {
        if (!isOutdated) return save.mutate();
        setBase(agreement.revision);
      }}
      onClose={onClose}
    >
      {isOutdated && (
        <Merge
          fields={[
            {
              name: t('agreements.name'),
              mine: title,
              theirs: agreement.title,
              onTake: () => setTitle(agreement.title),
            },
            {
              name: t('agreement.framework'),
              mine: framework,
              theirs: agreement.framework ?? '',
              onTake: () => setFramework(agreement.framework ?? ''),
            },
            {
              name: t('agreement.owner'),
              mine: owner,
              theirs: agreement.owner?.id ?? '',
              onTake: () => setOwner(agreement.owner?.id ?? ''),
            },
          ]}
        />
      )}
      <Line label={t('agreements.name')} required value={title} onChange={setTitle} />
      <Line label={t('agreement.framework')} value={framework} onChange={setFramework} />
      <OwnerChoice value={owner} onChange={setOwner} />
      <Switch
        label={t('agreement.confidential')}
        description={t('agreement.confidentialHelp')}
        checked={confidential}
        onChange={({ currentTarget }) => setConfidential(currentTarget.checked)}
      />
    </FormDialog>
  );
}

/** Sets what was changed to what it was. */
async function takeBack(
  { id, title, framework = '', owner }: AgreementView,
  now: { title: string; framework: string; owner: string },
): Promise<void> {
  const changes = {
    ...(now.title !== title && { title }),
    ...(framework && now.framework !== framework && { framework }),
  };
  if (Object.keys(changes).length > 0) await send('patch', 'agreements/{id}', { id }, changes);
  if (owner && now.owner !== owner.id) await command('agreements/{id}/owner', { id }, { owner: owner.id });
}

interface Field {
  name: string;
  mine: string;
  theirs: string;
  onTake: () => void;
}

/** Where somebody else has changed the same thing: theirs beside mine, field by field. */
function Merge({ fields }: { fields: Field[] }) {
  const { t } = useTranslation();
  const different = fields.filter(({ mine, theirs }) => mine !== theirs);
  return (
    <Alert color="orange" title={t('merge.title')} role="alert">
      {different.length === 0 && <Text size="sm">{t('merge.elsewhere')}</Text>}
      <Stack gap="xs">
        {different.map(({ name, theirs, onTake }) => (
          <Group key={name} justify="space-between" wrap="nowrap" gap="xs">
            <Text size="sm">
              {name} : <b>{theirs || '–'}</b>
            </Text>
            <Button size="compact-xs" variant="default" onClick={onTake}>
              {t('merge.take')}
            </Button>
          </Group>
        ))}
      </Stack>
    </Alert>
  );
}
