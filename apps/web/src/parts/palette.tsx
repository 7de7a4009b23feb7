import {
  Group,
  Kbd,
  Modal,
  ScrollArea,
  Text,
  TextInput,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import {
  IconArrowRight,
  IconBolt,
  IconBuildingBank,
  IconFileText,
  IconLanguage,
  IconPlus,
  IconRoute,
  IconSearch,
} from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMatch, useNavigate } from 'react-router';
import type { AgreementView } from '#agreements';
import { queryClient, read } from '../api.js';
import { LANGUAGES, speak, withAcronym, wordsOf } from '../language/index.js';
import { useMe } from '../me.js';
import { sectionsFor } from '../sections.js';
import { None } from './none.js';

interface Choice {
  id: string;
  label: string;
  hint?: string;
  icon: typeof IconSearch;
  /** Where it leads, or what it does. */
  to: string | (() => void);
}

/** Finds agreements, projects, organisations and pages by what one types; arrows and Enter are enough. */
export default function Palette({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [typed, type] = useState('');
  const [at, moveTo] = useState(0);
  const choices = useChoices(typed);
  const go = (choice: Choice | undefined) => {
    if (!choice) return;
    onClose();
    if (typeof choice.to === 'string') void navigate(choice.to);
    else choice.to();
  };
  const press = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) moveTo((before) => (before + step + choices.length) % Math.max(1, choices.length));
    else if (event.key === 'Enter') go(choices[at]);
    else return;
    event.preventDefault();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      size="lg"
      padding={0}
      yOffset="12vh"
      aria-label={t('nav.search')}
    >
      <TextInput
        data-autofocus
        size="md"
        variant="unstyled"
        px="md"
        py={6}
        leftSection={<IconSearch size={18} />}
        placeholder={t('palette.placeholder')}
        aria-label={t('nav.search')}
        role="combobox"
        aria-expanded
        aria-controls="palette"
        aria-activedescendant={choices[at] && `palette-${at}`}
        value={typed}
        onChange={({ currentTarget }) => {
          type(currentTarget.value);
          moveTo(0);
        }}
        onKeyDown={press}
      />
      <ScrollArea.Autosize mah="50vh">
        <div role="listbox" id="palette" aria-label={t('nav.search')} className="palette">
          {choices.map((choice, index) => (
            <UnstyledButton
              key={choice.id}
              id={`palette-${index}`}
              role="option"
              aria-selected={index === at}
              tabIndex={-1}
              className="palette-choice"
              onClick={() => go(choice)}
              onMouseMove={() => moveTo(index)}
            >
              <Group gap="sm" wrap="nowrap">
                <choice.icon size={16} aria-hidden style={{ flex: 'none' }} />
                <Text size="sm" truncate style={{ flex: 1 }}>
                  {choice.label}
                </Text>
                {choice.hint && (
                  <Text size="xs" c="dimmed" style={{ flex: 'none' }}>
                    {choice.hint}
                  </Text>
                )}
              </Group>
            </UnstyledButton>
          ))}
        </div>
        {choices.length === 0 && (
          <None size="sm" p="md">
            {t('palette.nothing')}
          </None>
        )}
      </ScrollArea.Autosize>
      <Group gap="xs" p="xs" px="md" className="palette-foot">
        <Kbd size="xs">↑</Kbd>
        <Kbd size="xs">↓</Kbd>
        <Kbd size="xs">Enter</Kbd>
        <Text size="xs" c="dimmed">
          {t('palette.keys')}
        </Text>
      </Group>
    </Modal>
  );
}

/** What can be done from anywhere, and with the agreement that is open. */
function useActions(): Choice[] {
  const { t } = useTranslation();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const open = useMatch('/accords/:id')?.params.id;
  const agreement = queryClient.getQueryData<AgreementView>(['agreement', open, undefined]);
  return [
    ...(agreement?.allowedTransitions ?? [])
      .filter(({ allowed }) => allowed)
      .map(({ id, labels }) => ({
        id: `t-${id}`,
        label: wordsOf(labels),
        hint: t('palette.thisAgreement'),
        icon: IconBolt,
        to: `/accords/${open}?passage=${id}`,
      })),
    { id: 'new', label: t('agreements.new'), icon: IconPlus, to: '/accords?nouveau=accord' },
    { id: 'meeting', label: t('meetings.record'), icon: IconPlus, to: '/rencontres?nouveau=rencontre' },
    {
      id: 'theme',
      label: t('nav.theme'),
      icon: IconBolt,
      to: () => setColorScheme(scheme === 'dark' ? 'light' : 'dark'),
    },
    ...Object.entries(LANGUAGES).map(([code, { name }]) => ({
      id: `l-${code}`,
      label: name,
      hint: t('nav.language'),
      icon: IconLanguage,
      to: () => speak(code as keyof typeof LANGUAGES),
    })),
  ];
}

/** The pages and actions whose names match, then what the server finds. */
function useChoices(typed: string): Choice[] {
  const { t } = useTranslation();
  const { roles } = useMe();
  const [asked] = useDebouncedValue(typed.trim(), 120);
  const isAsking = asked.length > 1;
  const options = { enabled: isAsking, placeholderData: keepPreviousData };
  const query = { q: asked, limit: '6' };
  const agreements = useQuery({
    queryKey: ['palette', 'agreements', asked],
    queryFn: () => read('agreements', query),
    ...options,
  });
  const projects = useQuery({
    queryKey: ['palette', 'projects', asked],
    queryFn: () => read('projects', query),
    ...options,
  });
  const organisations = useQuery({
    queryKey: ['palette', 'organisations', asked],
    queryFn: () => read('organisations', query),
    ...options,
  });
  const wanted = plain(typed.trim());
  const actions = useActions().filter(({ label }) => wanted !== '' && plain(label).includes(wanted));
  const pages = sectionsFor(roles)
    .flat()
    .map(({ to, label, key }) => ({ id: to, label: t(label), hint: `g ${key}`, icon: IconArrowRight, to }))
    .filter(({ label }) => plain(label).includes(wanted));
  if (!isAsking) return [...pages, ...actions];
  return [
    ...(agreements.data?.items ?? []).map(({ id, title, stage }) => ({
      id: `a-${id}`,
      label: title,
      hint: wordsOf(stage.labels),
      icon: IconFileText,
      to: `/accords/${id}`,
    })),
    ...(projects.data?.items ?? []).map(({ id, title, acronym, status }) => ({
      id: `p-${id}`,
      label: withAcronym(acronym, title),
      hint: t(`status.${status}`),
      icon: IconRoute,
      to: `/projets/${id}`,
    })),
    ...(organisations.data?.items ?? []).map(({ id, name, acronym }) => ({
      id: `o-${id}`,
      label: withAcronym(acronym, name),
      icon: IconBuildingBank,
      to: `/organisations/${id}`,
    })),
    ...pages,
    ...actions,
  ];
}

/** Without accents and capitals. */
const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
