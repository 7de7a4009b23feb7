import { Button, Group, MultiSelect, Pill, Popover, Stack, Switch, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconAdjustmentsHorizontal, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Facet, Facets } from '#agreements';
import { countryName, formatNumber, wordsOf } from '../../language/index.js';
import { useStanding } from '../../standing.js';
import { useAddress } from '../address.js';

const FACETS = ['stage', 'kind', 'type', 'country', 'party', 'owner'] as const;
type FacetName = (typeof FACETS)[number];

export type AgreementFilters = Partial<Record<FacetName | 'q' | 'overdue', string>>;

/** The filters that stand in the address, as the server takes them. */
export function useFilters(): AgreementFilters {
  const { get } = useAddress();
  const entries = [...FACETS, 'q', 'overdue'].map((name) => [name, get(name)]).filter(([, value]) => value);
  return Object.fromEntries(entries);
}

/** The search, the filters with how much each would leave, and what is chosen. */
export function Filters({ facets }: { facets: Facets | undefined }) {
  const { t } = useTranslation();
  const { get, list, set } = useAddress();
  const [q, setQ] = useState(get('q'));
  const search = useDebouncedCallback((text: string) => set({ q: text }), 200);
  const nameOf = useFacetNames();
  const { isInDoubt } = useStanding();
  const chosen = FACETS.flatMap((name) => list(name).map((value) => ({ name, value })));
  return (
    <Stack gap="xs" mb="md" className="no-print">
      <Group gap="sm">
        <TextInput
          placeholder={t('common.search')}
          aria-label={t('common.search')}
          leftSection={<IconSearch size={16} />}
          value={q}
          onChange={({ currentTarget }) => {
            setQ(currentTarget.value);
            search(currentTarget.value);
          }}
          w={{ base: '100%', xs: 280 }}
        />
        <Popover width={360} position="bottom-start" trapFocus shadow="md">
          <Popover.Target>
            <Button variant="default" leftSection={<IconAdjustmentsHorizontal size={16} />}>
              {t('agreements.filters')}
              {chosen.length > 0 && ` (${chosen.length})`}
            </Button>
          </Popover.Target>
          <Popover.Dropdown>
            <Stack gap="sm">
              {FACETS.map((name) => (
                <MultiSelect
                  key={name}
                  label={t(`agreements.facets.${name}`)}
                  data={optionsOf(facets?.[name] ?? [], list(name), (facet) =>
                    facet.count === 0 && isInDoubt
                      ? nameOf(name, facet)
                      : `${nameOf(name, facet)} (${formatNumber(facet.count)})`,
                  )}
                  value={list(name)}
                  onChange={(values) => set({ [name]: values })}
                  searchable
                  clearable
                  hidePickedOptions
                  comboboxProps={{ withinPortal: false }}
                />
              ))}
            </Stack>
          </Popover.Dropdown>
        </Popover>
        <Switch
          label={t('agreements.overdueOnly')}
          checked={get('overdue') === 'true'}
          onChange={({ currentTarget }) => set({ overdue: currentTarget.checked ? 'true' : undefined })}
        />
      </Group>
      {chosen.length > 0 && (
        <Group gap={6}>
          {chosen.map(({ name, value }) => (
            <Pill
              key={`${name} ${value}`}
              withRemoveButton
              removeButtonProps={{ 'aria-label': t('agreements.removeFilter'), 'aria-hidden': false, tabIndex: 0 }}
              onRemove={() => set({ [name]: list(name).filter((one) => one !== value) })}
            >
              {nameOf(name, facets?.[name].find((facet) => facet.value === value) ?? { value, count: 0 })}
            </Pill>
          ))}
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={() => set(Object.fromEntries(FACETS.map((name) => [name, undefined])))}
          >
            {t('agreements.clearFilters')}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function optionsOf(facets: Facet[], chosen: string[], sayOf: (facet: Facet) => string) {
  const missing = chosen.filter((value) => !facets.some((facet) => facet.value === value));
  return [...facets, ...missing.map((value) => ({ value, count: 0 }))].map((facet) => ({
    value: facet.value,
    label: sayOf(facet),
  }));
}

function useFacetNames(): (name: FacetName, facet: Facet) => string {
  const { t } = useTranslation();
  return (name, { value, labels }) => {
    if (name === 'type') return t(`type.${value}`);
    if (name === 'kind') return t(`kind.${value}`);
    if (name === 'country') return countryName(value);
    if (name === 'owner' && value === 'nobody') return t('agreement.noOwner');
    return wordsOf(labels) ?? value;
  };
}
