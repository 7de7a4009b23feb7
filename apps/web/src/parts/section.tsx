import { Group, Paper, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

export const Section = ({
  title,
  count,
  actions,
  children,
}: {
  title: string;
  count?: number;
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
            {count}
          </Text>
        )}
      </Group>
      {actions}
    </Group>
    {children}
  </Paper>
);
