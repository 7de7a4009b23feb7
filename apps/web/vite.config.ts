import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  resolve: {
    alias: Object.fromEntries(
      ['client/index', 'calendar/browser', 'audit/browser', 'audit/sentences'].map((part) => [
        `#${part.replace('/index', '')}`,
        new URL(`../../libs/${part}${part.endsWith('sentences') ? '' : '.ts'}`, import.meta.url).pathname,
      ]),
    ),
  },
  build: {
    outDir: '../../dist/web',
    emptyOutDir: true,
    chunkSizeWarningLimit: 700,
    assetsInlineLimit: 0,
    cssTarget: ['chrome125', 'firefox125', 'safari17.5'],
  },
  server: { proxy: { '/api': 'http://localhost:3000' } },
});
