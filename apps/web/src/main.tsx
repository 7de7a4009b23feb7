import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './app.css';
import { DirectionProvider, MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { queryClient } from './api.js';
import { App } from './app.js';
import { LANGUAGES, spoken, startLanguage } from './language/index.js';
import { readable, theme } from './theme.js';

await startLanguage();
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <DirectionProvider initialDirection={LANGUAGES[spoken].direction} detectDirection={false}>
      <MantineProvider theme={theme} cssVariablesResolver={readable} defaultColorScheme="auto">
        <Notifications position="bottom-right" />
        <QueryClientProvider client={queryClient}>
          <BrowserRouter>
            <App />
          </BrowserRouter>
        </QueryClientProvider>
      </MantineProvider>
    </DirectionProvider>
  </StrictMode>,
);
