import { createTheme, type MantineColorsTuple } from '@mantine/core';
import type { StageView } from '#agreements';

/** The product's own colour, a deep green-blue like stamp ink. */
const ink: MantineColorsTuple = [
  '#e9f6f5',
  '#d5e9e7',
  '#a8d3d0',
  '#78bcb8',
  '#52a9a4',
  '#3a9d97',
  '#2a9790',
  '#1a837d',
  '#0a756f',
  '#00655f',
];

export const theme = createTheme({
  primaryColor: 'ink',
  primaryShade: { light: 8, dark: 5 },
  colors: { ink },
  defaultRadius: 'md',
  fontFamily: "Inter, 'Segoe UI', system-ui, -apple-system, 'Noto Sans', sans-serif",
  headings: { fontFamily: "Inter, 'Segoe UI', system-ui, sans-serif", fontWeight: '650' },
});

/** A stage's kind has one colour everywhere. */
export const KIND_COLOURS: Record<StageView['kind'], string> = {
  preparation: 'gray',
  signature: 'orange',
  signed: 'ink',
  ratification: 'indigo',
  active: 'green',
  suspended: 'yellow',
  ended: 'dark',
};

export const PROJECT_COLOURS: Record<string, string> = {
  planned: 'gray',
  implementation: 'green',
  suspended: 'yellow',
  closed: 'dark',
  cancelled: 'red',
};
