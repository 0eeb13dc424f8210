import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));
const platform = process.env.PLATFORM_URL ?? 'http://127.0.0.1:8080';

/** `vite build` writes dist/web, which the platform serves; `vite` alone passes what is not ours on to a running one. */
export default defineConfig({
  root: here,
  plugins: [react()],
  build: {
    outDir: fileURLToPath(new URL('../dist/web', import.meta.url)),
    emptyOutDir: true,
    target: 'es2023',
    // The content security policy allows our own origin and nothing inline: no data: URLs.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  server: {
    host: '127.0.0.1',
    proxy: {
      '/api': platform,
      '/docs': platform,
      '/openapi.json': platform,
    },
  },
});
