import { Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** One thing known: what it is, and below it what it is worth. */
export const Fact = ({ label, children }: { label: string; children: ReactNode }) => (
  <Stack gap={2}>
    <Text size="xs" c="dimmed">
      {label}
    </Text>
    <Text size="sm" component="div">
      {children}
    </Text>
  </Stack>
);
