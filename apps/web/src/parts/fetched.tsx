import { Alert, Button, Skeleton, Stack } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { problemText } from './problems.js';

/** Shows what a query brings: its outline while it is on its way, the reason and a way on when it failed. */
export function Fetched<Data>({
  query,
  children,
}: {
  query: UseQueryResult<Data>;
  children: (data: Data) => ReactNode;
}) {
  const { t } = useTranslation();
  if (query.data !== undefined) return children(query.data);
  if (query.isError) {
    return (
      <Alert color="red" title={t('common.loadingFailed')}>
        <Stack align="flex-start" gap="sm">
          {problemText(query.error)}
          <Button size="xs" variant="light" color="red" onClick={() => query.refetch()}>
            {t('common.retry')}
          </Button>
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
