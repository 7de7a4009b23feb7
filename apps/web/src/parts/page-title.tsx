import { Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

export const PageTitle = ({
  title,
  subtitle,
  children,
}: {
  title: string;
  subtitle?: ReactNode;
  children?: ReactNode;
}) => (
  <Group justify="space-between" align="flex-end" mb="lg">
    <Stack gap={2}>
      <Title order={1} size="h2">
        {title}
      </Title>
      {subtitle && (
        <Text c="dimmed" size="sm" component="div">
          {subtitle}
        </Text>
      )}
    </Stack>
    {children && <Group>{children}</Group>}
  </Group>
);
