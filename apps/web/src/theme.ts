import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

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
  primaryShade: { light: 8, dark: 7 },
  colors: { ink },
  defaultRadius: 'md',
  cursorType: 'pointer',
  // What scrolls can be scrolled by keyboard.
  components: { TableScrollContainer: { defaultProps: { type: 'native', tabIndex: 0 } } },
  fontFamily: "Inter, 'Segoe UI', 'Noto Sans', 'Noto Sans Arabic', system-ui, -apple-system, sans-serif",
  headings: {
    fontFamily: "Inter, 'Segoe UI', 'Noto Sans', 'Noto Sans Arabic', system-ui, sans-serif",
    fontWeight: '650',
  },
});

/** Texts that the library would show too pale to be read by everybody (WCAG 2.2, 1.4.3). */
export const readable: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#56616b',
    '--mantine-color-placeholder': '#66717b',
    '--mantine-color-red-light-color': '#a01818',
    '--mantine-color-orange-light-color': '#8a4b00',
    '--mantine-color-green-light-color': '#1a652a',
    '--mantine-color-yellow-light-color': '#645300',
    '--mantine-color-gray-light-color': '#3d4751',
    '--mantine-color-ink-light-color': '#00544f',
    '--mantine-color-error': '#b01c1c',
    '--mantine-color-anchor': '#00655f',
    '--mantine-color-gray-outline': '#4a545e',
  },
  dark: {
    '--mantine-color-dimmed': '#a9b3bd',
    '--mantine-color-placeholder': '#98a2ac',
    '--mantine-color-red-light-color': '#ffb0b0',
    '--mantine-color-ink-light-color': '#8fdcd5',
    '--mantine-color-error': '#ff9c9c',
    '--mantine-color-anchor': '#78cfc8',
    '--mantine-color-gray-outline': '#b5bfc9',
  },
});
