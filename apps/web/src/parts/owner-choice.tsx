import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { read } from '../api.js';

export interface User {
  id: string;
  name: string;
  email?: string;
  roles: string[];
  groups: string[];
  active: boolean;
}

export const useUsers = () => useQuery({ queryKey: ['users'], queryFn: () => read('users'), staleTime: 300_000 });

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
