import { Alert, Button, Skeleton, Stack, Text } from '@mantine/core';
import { IconWifiOff } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiProblem, mayPass } from '../api.js';
import { useStanding } from '../standing.js';
import { None } from './none.js';
import { Problem } from './problems.js';

/** Shows what a query brings: its outline while it is on its way, the reason and a way on when it failed. */
export function Fetched<Data>({
  query,
  children,
}: {
  query: UseQueryResult<Data>;
  children: (data: Data) => ReactNode;
}) {
  const { t } = useTranslation();
  const { isInDoubt } = useStanding();
  if (query.data !== undefined) return children(query.data);
  if (query.isError) {
    // What passes by itself is no alarm: it is asked for again.
    const isPassing = mayPass(query.error);
    const isMissing = query.error instanceof ApiProblem && query.error.status === 404;
    // What a list does not have yet may be there.
    if (isMissing && isInDoubt) return <None>{t('common.notFound')}</None>;
    return (
      <Alert
        {...(isPassing ? { variant: 'default', role: 'status', icon: <IconWifiOff size={18} /> } : { color: 'red' })}
        {...(isMissing && { variant: 'default' })}
        title={t(isMissing ? 'common.notFound' : 'common.loadingFailed')}
      >
        <Stack align="flex-start" gap="sm">
          <div>
            <Problem error={query.error} />
            {isPassing && <Text size="sm">{t('lost.again')}</Text>}
          </div>
          {!isMissing && (
            <Button
              size="xs"
              {...(isPassing ? { variant: 'default' } : { variant: 'light', color: 'red' })}
              onClick={() => query.refetch()}
            >
              {t('common.retry')}
            </Button>
          )}
        </Stack>
      </Alert>
    );
  }
  return (
    <Stack aria-busy>
      <Skeleton h={28} w="40%" />
      <Skeleton h={120} />
      <Skeleton h={220} />
    </Stack>
  );
}
