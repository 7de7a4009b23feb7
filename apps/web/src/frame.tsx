import {
  ActionIcon,
  AppShell,
  Badge,
  Burger,
  Divider,
  Group,
  Image,
  Kbd,
  NavLink,
  Text,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
  VisuallyHidden,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconLanguage, IconMoon, IconSearch, IconSun, IconUser } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Fragment, lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation, useNavigate } from 'react-router';
import { queryClient, read, signOut } from './api.js';
import { LANGUAGES, speak, spoken } from './language/index.js';
import { useLiveUpdates } from './live.js';
import { useMe } from './me.js';
import logo from './paraphe.svg';
import { DropDown } from './parts/drop-down.js';
import { StandingNotice } from './parts/standing-notice.js';
import { SECTIONS, sectionsFor } from './sections.js';

const Palette = lazy(() => import('./parts/palette.js'));

/** What stands around every page: where one can go, who one is, whether the server can be reached. */
export function Frame({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const { roles } = useMe();
  const [opened, { toggle, close }] = useDisclosure();
  const [searching, search] = useSearch();
  useLiveUpdates();
  useGoByKeys();
  const isAt = (section: string) => (section === '/' ? pathname === '/' : pathname.startsWith(section));
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 224, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding={{ base: 'md', sm: 'lg' }}
    >
      <a href="#content" className="skip">
        {t('nav.skip')}
      </a>
      <AppShell.Header px="md">
        <Group h="100%" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={t('nav.menu')} />
            <Image src={logo} w={30} h={30} alt="" />
            <Text fw={700} size="lg" visibleFrom="xs">
              {t('product.name')}
            </Text>
          </Group>
          <UnstyledButton onClick={() => search(true)} px="sm" py={6} className="search">
            <Group gap="xs" wrap="nowrap">
              <IconSearch size={16} aria-hidden />
              <Text size="sm" c="dimmed" visibleFrom="sm">
                {t('nav.search')}
              </Text>
              <VisuallyHidden hiddenFrom="sm">{t('nav.search')}</VisuallyHidden>
              <Kbd visibleFrom="sm" size="xs" aria-hidden>
                Ctrl K
              </Kbd>
            </Group>
          </UnstyledButton>
          <Group gap={4} wrap="nowrap">
            <LanguageMenu />
            <ThemeSwitch />
            <UserMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" aria-label={t('nav.menu')}>
        <div className="sections">
          {sectionsFor(roles).map((group, index) => (
            <Fragment key={group[0]?.to}>
              {index > 0 && <Divider my="xs" />}
              {group.map(({ to, label, icon: Icon }) => (
                <NavLink
                  key={to}
                  component={Link}
                  to={to}
                  onClick={close}
                  active={isAt(to)}
                  aria-current={isAt(to) ? 'page' : undefined}
                  label={t(label)}
                  leftSection={<Icon size={18} stroke={1.7} aria-hidden />}
                  rightSection={to === '/rappels' && <Unread />}
                  style={{ borderRadius: 8 }}
                />
              ))}
            </Fragment>
          ))}
        </div>
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} style={{ outline: 'none' }}>
        <StandingNotice />
        {children}
      </AppShell.Main>
      {searching && (
        <Suspense>
          <Palette onClose={() => search(false)} />
        </Suspense>
      )}
    </AppShell>
  );
}

/** The palette opens by Ctrl K, or by a slash where nobody is writing. */
function useSearch() {
  const [searching, search] = useState(false);
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const isAsked =
        (event.key === 'k' && (event.ctrlKey || event.metaKey)) || (event.key === '/' && !isWriting(event));
      if (!isAsked) return;
      event.preventDefault();
      search(true);
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);
  return [searching, search] as const;
}

/** `g` and then a section's letter goes there. */
function useGoByKeys(): void {
  const navigate = useNavigate();
  useEffect(() => {
    let isGoing = false;
    const listen = (event: KeyboardEvent) => {
      if (isWriting(event) || event.ctrlKey || event.metaKey || event.altKey) return;
      const target = isGoing && SECTIONS.flat().find(({ key }) => key === event.key);
      isGoing = event.key === 'g' && !isGoing;
      if (target) void navigate(target.to);
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [navigate]);
}

const isWriting = ({ target }: KeyboardEvent): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** How many messages one has not read. */
function Unread() {
  const { t } = useTranslation();
  const { data } = useQuery({
    queryKey: ['messages', 'unread'],
    queryFn: () => read('messages/unread'),
  });
  if (!data?.count) return null;
  return (
    <Badge size="sm" circle={data.count < 10} role="img" aria-label={t('nav.unread', { count: data.count })}>
      {data.count}
    </Badge>
  );
}

function LanguageMenu() {
  const { t } = useTranslation();
  return (
    <DropDown label={t('nav.language')} icon={<IconLanguage size={18} aria-hidden />}>
      {Object.entries(LANGUAGES).map(([code, { name }]) => (
        <UnstyledButton
          key={code}
          lang={code}
          aria-current={code === spoken ? 'true' : undefined}
          onClick={() => speak(code as keyof typeof LANGUAGES)}
        >
          {name}
        </UnstyledButton>
      ))}
    </DropDown>
  );
}

function ThemeSwitch() {
  const { t } = useTranslation();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={t('nav.theme')}
      onClick={() => setColorScheme(scheme === 'dark' ? 'light' : 'dark')}
    >
      {scheme === 'dark' ? <IconSun size={18} /> : <IconMoon size={18} />}
    </ActionIcon>
  );
}

function UserMenu() {
  const { t } = useTranslation();
  const { name } = useMe();
  const leave = async () => {
    await signOut();
    queryClient.clear();
    window.location.assign('/');
  };
  return (
    <DropDown
      label={name}
      icon={
        <Group gap={6} wrap="nowrap">
          <IconUser size={18} aria-hidden />
          <Text size="sm" truncate maw={180} visibleFrom="md">
            {name}
          </Text>
        </Group>
      }
    >
      <Link to="/rappels?onglet=preferences">{t('reminders.preferences')}</Link>
      <UnstyledButton onClick={leave}>{t('nav.signOut')}</UnstyledButton>
    </DropDown>
  );
}
