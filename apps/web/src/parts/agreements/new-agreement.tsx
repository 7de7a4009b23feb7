import { Button, MultiSelect } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { type Commands, command, queryClient, read, type Sent } from '../../api.js';
import { useMe } from '../../me.js';
import { useAddress } from '../address.js';
import { useDraft } from '../draft.js';
import { FormDialog } from '../form-dialog.js';
import { Choice, Line } from '../inputs.js';
import { None } from '../none.js';
import { OwnerChoice } from '../owner-choice.js';
import { showProblem } from '../problems.js';

interface Draft {
  title: string;
  type: Sent<Commands['agreements']>['type'];
  parties: { id: string; name: string }[];
  owner: string;
  framework: string;
}

/** Begins an agreement; what is typed is kept until it is sent, whatever happens to the page. */
export function NewAgreement() {
  const { t } = useTranslation();
  const { roles } = useMe();
  const { get, set } = useAddress();
  const isOpen = get('nouveau') === 'accord';
  const setOpen = (open: boolean) => set({ nouveau: open ? 'accord' : undefined });
  if (!roles.some((role) => role === 'officer' || role === 'approver' || role === 'administrator')) return null;
  return (
    <>
      <Button leftSection={<IconPlus size={16} />} onClick={() => setOpen(true)}>
        {t('agreements.new')}
      </Button>
      {isOpen && <NewAgreementDialog onClose={() => setOpen(false)} />}
    </>
  );
}

function NewAgreementDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { id: me } = useMe();
  const empty: Draft = { title: '', type: 'cooperation-agreement', parties: [], owner: me, framework: '' };
  const [draft, setDraft, forget] = useDraft<Draft>('agreement', empty);
  const change = (changes: Partial<Draft>) => setDraft({ ...draft, ...changes });
  const register = useMutation({
    mutationFn: () => {
      const { title, type, parties, owner, framework } = draft;
      return command(
        'agreements',
        {},
        {
          title: title.trim(),
          type,
          parties: parties.map(({ id }) => ({ organisation: id })),
          ...(owner && { owner }),
          ...(framework.trim() && { framework: framework.trim() }),
        },
      );
    },
    onSuccess: async ({ id }) => {
      forget();
      await queryClient.invalidateQueries();
      await navigate(`/accords/${id}`);
    },
    onError: showProblem,
  });
  return (
    <FormDialog
      title={t('agreements.new')}
      submit={t('agreements.register')}
      loading={register.isPending}
      disabled={draft.parties.length === 0}
      onSubmit={() => register.mutate()}
      onClose={onClose}
    >
      <Line
        label={t('agreements.name')}
        required
        value={draft.title}
        onChange={(title) => change({ title })}
        autoFocus
      />
      <Choice label={t('agreement.type')} of="type" value={draft.type} onChange={(type) => change({ type })} />
      <PartyChoice value={draft.parties} onChange={(parties) => change({ parties })} />
      <OwnerChoice value={draft.owner} onChange={(owner) => change({ owner })} />
      <Line label={t('agreement.framework')} value={draft.framework} onChange={(framework) => change({ framework })} />
    </FormDialog>
  );
}

function PartyChoice({ value, onChange }: { value: Draft['parties']; onChange: (parties: Draft['parties']) => void }) {
  const { t } = useTranslation();
  const [words, setWords] = useState('');
  const [asked] = useDebouncedValue(words, 200);
  const found = useQuery({
    queryKey: ['organisations', 'to-choose', asked],
    queryFn: () => read('organisations', { q: asked || undefined, limit: '30' }),
    placeholderData: (before) => before,
  });
  const known = new Map([...value, ...(found.data?.items ?? [])].map(({ id, name }) => [id, name]));
  return (
    <MultiSelect
      label={t('agreement.parties')}
      required
      searchable
      hidePickedOptions
      data={[...known].map(([id, name]) => ({ value: id, label: name }))}
      filter={({ options }) => options}
      value={value.map(({ id }) => id)}
      onChange={(ids) => onChange(ids.map((id) => ({ id, name: known.get(id) ?? id })))}
      onSearchChange={setWords}
      nothingFoundMessage={<None>{t('organisations.empty')}</None>}
    />
  );
}
