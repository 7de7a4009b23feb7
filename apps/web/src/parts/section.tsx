import { Group, Paper, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Count } from './none.js';

export const Section = ({
  title,
  count,
  actions,
  children,
}: {
  title: string;
  count?: number | undefined;
  actions?: ReactNode;
  children: ReactNode;
}) => (
  <Paper withBorder p="lg" component="section" aria-label={title}>
    <Group justify="space-between" mb="md" align="center">
      <Group gap="xs" align="baseline">
        <Title order={2} size="h4">
          {title}
        </Title>
        {count !== undefined && (
          <Text size="sm" c="dimmed">
            <Count of={count} />
          </Text>
        )}
      </Group>
      {actions}
    </Group>
    {children}
  </Paper>
);
