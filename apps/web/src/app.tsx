import {
  ActionIcon,
  AppShell,
  Badge,
  Burger,
  Center,
  Group,
  Image,
  Loader,
  Menu,
  NavLink,
  Text,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  IconArrowsSplit2,
  IconBell,
  IconCalendarEvent,
  IconFileText,
  IconListNumbers,
  IconLogout,
  IconMoon,
  IconRoute,
  IconSun,
  IconUser,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Navigate, Route, Routes, useLocation } from 'react-router';
import { ApiProblem, queryClient, read, signOut } from './api.js';
import { SignInPage } from './pages/sign-in-page.js';
import logo from './paraphe.svg';

const AgreementsPage = lazy(() => import('./pages/agreements-page.js'));
const AgreementPage = lazy(() => import('./pages/agreement-page.js'));
const ProjectsPage = lazy(() => import('./pages/projects-page.js'));
const ProjectPage = lazy(() => import('./pages/project-page.js'));
const MeetingsPage = lazy(() => import('./pages/meetings-page.js'));
const StatementsPage = lazy(() => import('./pages/statements-page.js'));
const LifecyclesPage = lazy(() => import('./pages/lifecycles-page.js'));
const RemindersPage = lazy(() => import('./pages/reminders-page.js'));

export interface Me {
  id: string;
  name: string;
  roles: string[];
}

/** Who is signed in; undefined while nobody is. */
const useMe = () =>
  useQuery({
    queryKey: ['session'],
    queryFn: () =>
      read<Me>('session').catch((error) => {
        if (error instanceof ApiProblem && error.status === 401) return null;
        throw error;
      }),
    staleTime: 60_000,
  });

export function App() {
  const { data: me, isPending } = useMe();
  if (isPending) return <Waiting />;
  if (!me) return <SignInPage />;
  return (
    <Frame me={me}>
      <Suspense fallback={<Waiting />}>
        <Routes>
          <Route path="/" element={<Navigate to="/accords" replace />} />
          <Route path="/accords" element={<AgreementsPage />} />
          <Route path="/accords/:id" element={<AgreementPage />} />
          <Route path="/projets" element={<ProjectsPage />} />
          <Route path="/projets/:id" element={<ProjectPage />} />
          <Route path="/rencontres" element={<MeetingsPage />} />
          <Route path="/declarations" element={<StatementsPage />} />
          <Route path="/parcours" element={<LifecyclesPage roles={me.roles} />} />
          <Route path="/rappels" element={<RemindersPage roles={me.roles} />} />
          <Route path="*" element={<NotFound />} />
        </Routes>
      </Suspense>
    </Frame>
  );
}

const SECTIONS = [
  { to: '/accords', label: 'nav.agreements', icon: IconFileText },
  { to: '/projets', label: 'nav.projects', icon: IconRoute },
  { to: '/rencontres', label: 'nav.meetings', icon: IconCalendarEvent },
  { to: '/declarations', label: 'nav.statements', icon: IconListNumbers },
  { to: '/rappels', label: 'nav.reminders', icon: IconBell },
  { to: '/parcours', label: 'nav.lifecycles', icon: IconArrowsSplit2 },
] as const;

function Frame({ me, children }: { me: Me; children: ReactNode }) {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const [opened, { toggle, close }] = useDisclosure();
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 220, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding="lg"
    >
      <AppShell.Header px="md">
        <Group h="100%" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={t('nav.menu')} />
            <Image src={logo} w={30} h={30} alt="" />
            <Text fw={700} size="lg">
              {t('product.name')}
            </Text>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <ThemeSwitch />
            <UserMenu me={me} />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm">
        {SECTIONS.map(({ to, label, icon: Icon }) => (
          <NavLink
            key={to}
            component={Link}
            to={to}
            onClick={close}
            active={pathname.startsWith(to)}
            label={t(label)}
            leftSection={<Icon size={18} stroke={1.7} />}
            rightSection={to === '/rappels' && <Unread />}
            style={{ borderRadius: 8 }}
          />
        ))}
      </AppShell.Navbar>
      <AppShell.Main>{children}</AppShell.Main>
    </AppShell>
  );
}

/** How many messages one has not read. */
function Unread() {
  const { t } = useTranslation();
  const { data } = useQuery({
    queryKey: ['messages', 'unread'],
    queryFn: () => read<{ count: number }>('messages/unread'),
    refetchInterval: 30_000,
  });
  if (!data?.count) return null;
  return (
    <Badge size="sm" circle={data.count < 10} aria-label={t('nav.unread', { count: data.count })}>
      {data.count}
    </Badge>
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

function UserMenu({ me }: { me: Me }) {
  const { t } = useTranslation();
  const leave = async () => {
    await signOut();
    queryClient.clear();
    window.location.assign('/');
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <UnstyledButton px="sm" py={6} aria-label={me.name}>
          <Group gap={6} wrap="nowrap">
            <IconUser size={18} />
            <Text size="sm" truncate maw={220} visibleFrom="sm">
              {me.name}
            </Text>
          </Group>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={leave}>
          {t('nav.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

const Waiting = () => (
  <Center h="60vh">
    <Loader type="dots" />
  </Center>
);

function NotFound() {
  const { t } = useTranslation();
  return (
    <Center h="60vh">
      <Text c="dimmed">{t('common.notFound')}</Text>
    </Center>
  );
}
