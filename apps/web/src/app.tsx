import { Alert, Button, Center, Loader, Skeleton, Stack, Text } from '@mantine/core';
import { type ComponentType, lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Route, Routes, useLocation } from 'react-router';
import { Frame } from './frame.js';
import { MeProvider, useSession } from './me.js';
import { Boundary } from './parts/boundary.js';
import { Fetched } from './parts/fetched.js';
import { reached } from './standing.js';

/** A page that is fetched when somebody goes there. Where the server is away, that is done as soon as it is back. */
function page<Props>(load: () => Promise<{ default: ComponentType<Props> }>) {
  return lazy(() =>
    load().catch(async (error: unknown) => {
      // A browser may remember that a file was missing; and after an update, files have other names.
      if ((await reached()) === 'at once') throw error;
      window.location.reload();
      return new Promise<never>(() => {});
    }),
  );
}

const SignInPage = page(() => import('./pages/sign-in-page.js'));
const TodayPage = page(() => import('./pages/today-page.js'));
const AgreementsPage = page(() => import('./pages/agreements-page.js'));
const AgreementPage = page(() => import('./pages/agreement-page.js'));
const ProjectsPage = page(() => import('./pages/projects-page.js'));
const ProjectPage = page(() => import('./pages/project-page.js'));
const ProgrammesPage = page(() => import('./pages/programmes-page.js'));
const OrganisationsPage = page(() => import('./pages/organisations-page.js'));
const OrganisationPage = page(() => import('./pages/organisation-page.js'));
const MeetingsPage = page(() => import('./pages/meetings-page.js'));
const MapPage = page(() => import('./pages/map-page.js'));
const FiguresPage = page(() => import('./pages/figures-page.js'));
const StatementsPage = page(() => import('./pages/statements-page.js'));
const LifecyclesPage = page(() => import('./pages/lifecycles-page.js'));
const RemindersPage = page(() => import('./pages/reminders-page.js'));
const AuditPage = page(() => import('./pages/audit-page.js'));
const ComparePage = page(() => import('./pages/compare-page.js'));
const ExchangePage = page(() => import('./pages/exchange-page.js'));
const AdministrationPage = page(() => import('./pages/administration-page.js'));
const ConsumersPage = page(() => import('./pages/consumers-page.js'));

export function App() {
  const session = useSession();
  const { pathname } = useLocation();
  const me = session.data;
  if (me === undefined) {
    return (
      <Center mih="100vh" p="md">
        {session.isError ? <Fetched query={session}>{() => null}</Fetched> : <Loader className="late" />}
      </Center>
    );
  }
  if (me === null) {
    return (
      <Suspense>
        <SignInPage />
      </Suspense>
    );
  }
  return (
    <MeProvider value={me}>
      <Frame>
        <Boundary key={pathname} instead={<Broken />}>
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
              <Route path="/consumers" element={<ConsumersPage />} />
              <Route path="*" element={<NotFound />} />
            </Routes>
          </Suspense>
        </Boundary>
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

/** What stands where a page broke: the menu around it still works. */
function Broken() {
  const { t } = useTranslation();
  return (
    <Alert variant="default" role="alert" title={t('common.loadingFailed')}>
      <Button size="xs" variant="default" onClick={() => window.location.reload()}>
        {t('common.retry')}
      </Button>
    </Alert>
  );
}

function NotFound() {
  const { t } = useTranslation();
  return (
    <Center h="60vh">
      <Text c="dimmed">{t('common.notFound')}</Text>
    </Center>
  );
}
