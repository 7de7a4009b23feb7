import { Anchor, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { read } from '../api.js';
import { countryName, withAcronym } from '../language/index.js';
import { useAddress } from '../parts/address.js';
import { Fetched } from '../parts/fetched.js';
import { Country } from '../parts/marks.js';
import { None } from '../parts/none.js';
import { PageTitle } from '../parts/page-title.js';
import { Section } from '../parts/section.js';

/** The partners by country; each country and each partner has a page with everything about it. */
export default function OrganisationsPage() {
  const { t } = useTranslation();
  const { get, set } = useAddress();
  const q = get('q');
  const organisations = useQuery({
    queryKey: ['organisations', q],
    queryFn: () => read('organisations', { q: q || undefined, limit: '200' }),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <PageTitle title={t('nav.organisations')} subtitle={t('organisations.subtitle')}>
        <TextInput
          placeholder={t('common.search')}
          aria-label={t('common.search')}
          leftSection={<IconSearch size={16} />}
          value={q}
          onChange={({ currentTarget }) => set({ q: currentTarget.value })}
          w={240}
        />
      </PageTitle>
      <Fetched query={organisations}>
        {({ items }) => {
          if (items.length === 0) return <None>{t('organisations.empty')}</None>;
          const byCountry = [...Map.groupBy(items, ({ country }) => country ?? '')].sort(([a], [b]) =>
            nameOf(a).localeCompare(nameOf(b)),
          );
          return (
            <Stack gap="lg" maw={960}>
              {byCountry.map(([country, ofCountry]) => (
                <Section
                  key={country}
                  title={country ? countryName(country) : t('organisations.international')}
                  count={ofCountry.length}
                  actions={
                    country && (
                      <Anchor component={Link} to={`/pays/${country}`} size="sm">
                        {t('organisations.allWith', { country: countryName(country) })}
                      </Anchor>
                    )
                  }
                >
                  {ofCountry.map(({ id, name, acronym }) => (
                    <Link key={id} to={`/organisations/${id}`} className="row-link">
                      <Group gap="sm" wrap="nowrap">
                        <Country code={country} />
                        <Text size="sm">{withAcronym(acronym, name)}</Text>
                      </Group>
                    </Link>
                  ))}
                </Section>
              ))}
            </Stack>
          );
        }}
      </Fetched>
    </>
  );
}

/** Those without a country come last. */
const nameOf = (country: string): string => (country ? countryName(country) : '\uffff');
