import { Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useUsers } from './users.js';

/** One of the desk's users. */
export function OwnerChoice({ value, onChange }: { value: string; onChange: (owner: string) => void }) {
  const { t } = useTranslation();
  const { data } = useUsers();
  return (
    <Select
      label={t('agreement.owner')}
      data={(data?.items ?? []).filter(({ active }) => active).map(({ id, name }) => ({ value: id, label: name }))}
      value={value || null}
      onChange={(chosen) => onChange(chosen ?? '')}
      searchable
      clearable
    />
  );
}
