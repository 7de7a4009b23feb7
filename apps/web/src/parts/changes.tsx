import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { HistoryEntry } from '#audit';
import { sayDate } from '../language/index.js';
import { useUsers } from './users.js';

/** What events of some kinds change, by field. */
const CHANGED: Record<string, readonly string[]> = {
  ParticularsChanged: ['title', 'binding', 'framework'],
  AgreementOwnerAssigned: ['owner'],
  ProjectOwnerAssigned: ['owner'],
  ProjectStartCorrected: ['startedOn'],
  SignatureCorrected: ['signedOn', 'capacity', 'place'],
  MilestoneRescheduled: ['plannedFor'],
};
/** Of what an event speaks, where its subject has several: two events are compared when these are the same. */
const PARTS = ['slot', 'milestone'];

type Said = Record<string, unknown>;

/** What an event changed: before and after, as the events before it say. */
export function Changes({ entry, earlier }: { entry: HistoryEntry; earlier: HistoryEntry[] }) {
  const { t } = useTranslation();
  const fields = CHANGED[entry.type] ?? [];
  const say = useValues();
  const now = said(entry);
  return fields.flatMap((field) => {
    if (typeof now[field] !== 'string') return [];
    const before = earlier.map(said).find((one) => one[field] !== undefined && isSamePart(one, now))?.[field];
    return [
      <Text key={field} size="sm">
        {t(`field.${field}`)} : {before !== undefined && <del>{say(field, before)}</del>}{' '}
        <b>{say(field, now[field])}</b>
      </Text>,
    ];
  });
}

/** A milestone's new date is called by the name under which it was planned. */
function said({ type, data }: HistoryEntry): Said {
  const { to, from, ...rest } = data as Said;
  return type === 'MilestoneRescheduled' ? { ...rest, plannedFor: to } : { ...rest, to, from };
}

const isSamePart = (one: Said, other: Said): boolean => PARTS.every((part) => one[part] === other[part]);

function useValues(): (field: string, value: unknown) => string {
  const { t } = useTranslation();
  const users = useUsers();
  return (field, value) => {
    const text = String(value);
    if (field === 'owner') return users.data?.items.find(({ id }) => id === text)?.name ?? text;
    if (field === 'binding') return t(`binding.${text}`);
    return /On$|^plannedFor$/.test(field) ? sayDate({ edtf: text }) : text;
  };
}
