import { Group, NumberInput, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AgreementView } from '#agreements';
import { command } from '../api.js';
import { today } from '../language/index.js';
import { FormDialog } from './form-dialog.js';
import { Choice, Day } from './inputs.js';
import { useCommand } from './use-command.js';

type Terms = AgreementView['terms'];

/** What the text says of entry into force, term, renewal and notice, where it is not what the lifecycle says. */
export function TermsDialog({
  agreement,
  amends = false,
  onClose,
}: {
  agreement: AgreementView;
  /** It is what the agreement changes in the one that it amends. */
  amends?: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const known = (amends ? agreement.amendment : agreement.terms) ?? {};
  const [fields, setFields] = useState(() => fieldsOf(known));
  const set = (changes: Partial<Fields>) => setFields({ ...fields, ...changes });
  const state = useCommand(t('terms.done'), onClose);
  const submit = () => {
    const terms = termsOf(fields);
    const { id } = agreement;
    state.mutate(() =>
      amends
        ? command('agreements/{id}/amendment', { id }, { terms })
        : command('agreements/{id}/terms', { id }, terms),
    );
  };
  const isEmpty = Object.keys(termsOf(fields)).length === 0;
  return (
    <FormDialog
      title={t(amends ? 'terms.amend' : 'terms.state')}
      submit={t('common.save')}
      loading={state.isPending}
      disabled={isEmpty}
      onSubmit={submit}
      onClose={onClose}
    >
      <Text size="sm">{t(amends ? 'terms.amendHint' : 'terms.hint')}</Text>
      <Choice label={t('terms.force')} of="terms.rules" clearable value={fields.on} onChange={(on) => set({ on })} />
      {fields.on === 'date' && (
        <Day label={t('terms.date')} required mayBeAhead value={fields.date} onChange={(date) => set({ date })} />
      )}
      {fields.on === 'consents' && (
        <Count label={t('terms.count')} value={fields.count} onChange={(count) => set({ count })} />
      )}
      {fields.on && fields.on !== 'date' && (
        <Group grow align="end">
          <Choice
            label={t('terms.offset')}
            of="terms.offsets"
            clearable
            value={fields.offset}
            onChange={(offset) => set({ offset })}
          />
          {fields.offset && (
            <Count label={t('terms.number')} value={fields.after} onChange={(after) => set({ after })} />
          )}
        </Group>
      )}
      <Group grow>
        <Count label={t('terms.months')} value={fields.months} onChange={(months) => set({ months })} />
        <Count label={t('terms.noticeMonths')} value={fields.notice} onChange={(notice) => set({ notice })} />
      </Group>
      <Group grow align="end">
        <Choice
          label={t('terms.renewal')}
          of="terms.renewals"
          clearable
          value={fields.form}
          onChange={(form) => set({ form })}
        />
        {fields.form && (
          <Count label={t('terms.renewalMonths')} value={fields.renewal} onChange={(renewal) => set({ renewal })} />
        )}
      </Group>
      <Choice
        label={t('terms.provisional')}
        of="terms.provisionals"
        clearable
        value={fields.provisional}
        onChange={(provisional) => set({ provisional, from: provisional === 'date' ? today() : '' })}
      />
      {fields.provisional === 'date' && (
        <Day label={t('terms.date')} required mayBeAhead value={fields.from} onChange={(from) => set({ from })} />
      )}
    </FormDialog>
  );
}

const Count = ({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) => (
  <NumberInput
    label={label}
    min={1}
    max={1_000}
    allowDecimal={false}
    value={value}
    onChange={(given) => onChange(String(given))}
  />
);

interface Fields {
  on: string;
  date: string;
  count: string;
  offset: string;
  after: string;
  months: string;
  notice: string;
  form: string;
  renewal: string;
  provisional: string;
  from: string;
}

function fieldsOf({ entryIntoForce: rule, term, provisionalApplication: provisional }: Terms): Fields {
  const after = rule && 'after' in rule ? Object.entries(rule.after ?? {})[0] : undefined;
  const from = provisional?.from;
  return {
    on: rule?.on ?? '',
    date: rule?.on === 'date' ? rule.date : '',
    count: rule?.on === 'consents' ? String(rule.count) : '',
    offset: after?.[0] ?? '',
    after: after ? String(after[1]) : '',
    months: term?.months ? String(term.months) : '',
    notice: term?.noticeMonths ? String(term.noticeMonths) : '',
    form: term?.renewal ? (term.renewal.form ?? 'tacit') : '',
    renewal: term?.renewal ? String(term.renewal.months) : '',
    provisional: from === undefined ? '' : from === 'signature' ? 'signature' : 'date',
    from: from && from !== 'signature' ? from : '',
  };
}

/** The terms as the interface takes them; what was left empty is left out. */
function termsOf(fields: Fields): object {
  const { on, date, count, offset, after, months, notice, form, renewal, provisional, from } = fields;
  const entryIntoForce = on && {
    on,
    ...(on === 'date' && { date }),
    ...(on === 'consents' && { count: Number(count) }),
    ...(on !== 'date' && offset && after && { after: { [offset]: Number(after) } }),
  };
  const term = (months || notice) && {
    ...(months && { months: Number(months) }),
    ...(notice && { noticeMonths: Number(notice) }),
    ...(form && renewal && { renewal: { months: Number(renewal), form } }),
  };
  return {
    ...(entryIntoForce && { entryIntoForce }),
    ...(term && { term }),
    ...(provisional && { provisionalApplication: { from: provisional === 'date' ? from : 'signature' } }),
  };
}
