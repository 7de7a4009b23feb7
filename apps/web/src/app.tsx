import { Center, Skeleton, Stack, Text } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Route, Routes } from 'react-router';
import { Frame } from './frame.js';
import { MeProvider, useSession } from './me.js';

const SignInPage = lazy(() => import('./pages/sign-in-page.js'));
const TodayPage = lazy(() => import('./pages/today-page.js'));
const AgreementsPage = lazy(() => import('./pages/agreements-page.js'));
const AgreementPage = lazy(() => import('./pages/agreement-page.js'));
const ProjectsPage = lazy(() => import('./pages/projects-page.js'));
const ProjectPage = lazy(() => import('./pages/project-page.js'));
const ProgrammesPage = lazy(() => import('./pages/programmes-page.js'));
const OrganisationsPage = lazy(() => import('./pages/organisations-page.js'));
const OrganisationPage = lazy(() => import('./pages/organisation-page.js'));
const MeetingsPage = lazy(() => import('./pages/meetings-page.js'));
const MapPage = lazy(() => import('./pages/map-page.js'));
const FiguresPage = lazy(() => import('./pages/figures-page.js'));
const StatementsPage = lazy(() => import('./pages/statements-page.js'));
const LifecyclesPage = lazy(() => import('./pages/lifecycles-page.js'));
const RemindersPage = lazy(() => import('./pages/reminders-page.js'));
const AuditPage = lazy(() => import('./pages/audit-page.js'));
const ComparePage = lazy(() => import('./pages/compare-page.js'));
const ExchangePage = lazy(() => import('./pages/exchange-page.js'));
const AdministrationPage = lazy(() => import('./pages/administration-page.js'));

export function App() {
  const { data: me, isPending } = useSession();
  if (isPending) return null;
  if (!me) {
    return (
      <Suspense>
        <SignInPage />
      </Suspense>
    );
  }
  return (
    <MeProvider value={me}>
      <Frame>
        <Suspense fallback={<Waiting />}>
          <Routes>
            <Route path="/" element={<TodayPage />} />
            <Route path="/accords" element={<AgreementsPage />} />
            <Route path="/accords/:id" element={<AgreementPage />} />
            <Route path="/projets" element={<ProjectsPage />} />
            <Route path="/projets/:id" element={<ProjectPage />} />
            <Route path="/programmes" element={<ProgrammesPage />} />
            <Route path="/organisations" element={<OrganisationsPage />} />
            <Route path="/organisations/:id" element={<OrganisationPage />} />
            <Route path="/pays/:country" element={<OrganisationPage />} />
            <Route path="/rencontres" element={<MeetingsPage />} />
            <Route path="/carte" element={<MapPage />} />
            <Route path="/chiffres" element={<FiguresPage />} />
            <Route path="/declarations" element={<StatementsPage />} />
            <Route path="/parcours" element={<LifecyclesPage roles={me.roles} />} />
            <Route path="/rappels" element={<RemindersPage roles={me.roles} />} />
            <Route path="/audit" element={<AuditPage roles={me.roles} />} />
            <Route path="/comparer/:kind/:id" element={<ComparePage />} />
            <Route path="/echanges" element={<ExchangePage roles={me.roles} />} />
            <Route path="/administration" element={<AdministrationPage />} />
            <Route path="*" element={<NotFound />} />
          </Routes>
        </Suspense>
      </Frame>
    </MeProvider>
  );
}

const Waiting = () => (
  <Stack aria-busy>
    <Skeleton h={32} w="30%" />
    <Skeleton h={160} />
    <Skeleton h={240} />
  </Stack>
);

function NotFound() {
  const { t } = useTranslation();
  return (
    <Center h="60vh">
      <Text c="dimmed">{t('common.notFound')}</Text>
    </Center>
  );
}
