import { Button, Checkbox, Stack, Text, Textarea } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AgreementView } from '#agreements';
import { command } from '../api.js';
import { sayDate, today } from '../language/index.js';
import { useDraft } from './draft.js';
import { Fetched } from './fetched.js';
import { FormDialog } from './form-dialog.js';
import { useHistory } from './history.js';
import { Choice, Day } from './inputs.js';
import { None } from './none.js';
import { Section } from './section.js';
import { useCommand } from './use-command.js';

/** What was noted about an agreement, and what was said and written to its parties. */
export function Notes({ agreement, asOf }: { agreement: AgreementView; asOf?: string | undefined }) {
  const { t } = useTranslation();
  const [isAdding, setAdding] = useState(false);
  const history = useHistory({ kind: 'agreements', id: agreement.id });
  const nameOf = (party: string) => agreement.parties.find(({ id }) => id === party)?.name ?? party;
  return (
    <Section title={t('notes.title')}>
      <Stack gap="sm">
        <Fetched query={history}>
          {({ items }) => {
            const notes = items.filter(
              ({ type, recordedAt }) =>
                (type === 'NoteAdded' || type === 'ExchangeLogged') && (asOf === undefined || recordedAt <= asOf),
            );
            if (notes.length === 0) return <None>{t('notes.none')}</None>;
            return notes.map(({ id, data, effectiveOn, actor }) => {
              const { text, party } = data as { text: string; party?: string };
              return (
                <Stack key={id} gap={0} data-note>
                  <Text size="xs" c="dimmed">
                    {[sayDate(effectiveOn), actor.name, party && nameOf(party)].filter(Boolean).join(' · ')}
                  </Text>
                  <Text size="sm" className="message">
                    {text}
                  </Text>
                </Stack>
              );
            });
          }}
        </Fetched>
        <div>
          <Button size="xs" variant="light" leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
            {t('notes.add')}
          </Button>
        </div>
      </Stack>
      {isAdding && <AddNote agreement={agreement} onClose={() => setAdding(false)} />}
    </Section>
  );
}

function AddNote({ agreement, onClose }: { agreement: AgreementView; onClose: () => void }) {
  const { t } = useTranslation();
  const [draft, setDraft, forget] = useDraft(`note.${agreement.id}`, { text: '' });
  const [isExchange, setExchange] = useState(false);
  const [party, setParty] = useState('');
  const [on, setOn] = useState(today());
  const add = useCommand(t('transition.done'), () => {
    forget();
    onClose();
  });
  const text = draft.text.trim();
  const { id } = agreement;
  const submit = () =>
    add.mutate(() =>
      isExchange
        ? command('agreements/{id}/exchanges', { id }, { text, on, ...(party && { party }) })
        : command('agreements/{id}/notes', { id }, { text }),
    );
  return (
    <FormDialog title={t('notes.add')} loading={add.isPending} onSubmit={submit} onClose={onClose}>
      <Textarea
        label={t('notes.text')}
        required
        autosize
        minRows={3}
        maxLength={5_000}
        value={draft.text}
        onChange={({ currentTarget }) => setDraft({ text: currentTarget.value })}
        data-autofocus
      />
      <Checkbox
        label={t('notes.exchange')}
        description={t('notes.exchangeHint')}
        checked={isExchange}
        onChange={({ currentTarget }) => setExchange(currentTarget.checked)}
      />
      {isExchange && (
        <>
          <Choice
            label={t('legal.party')}
            clearable
            value={party}
            onChange={setParty}
            of={agreement.parties.map((one) => ({ value: one.id, label: one.name }))}
          />
          <Day label={t('projectActions.on')} required value={on} onChange={setOn} />
        </>
      )}
    </FormDialog>
  );
}
