import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import type { Plugin } from 'vite';
import react from '@vitejs/plugin-react';

// Cloudscape carries its typeface as data: URLs inside one style sheet: 190 KB before the first paint, and a hole in the content
// security policy. As files, a browser loads only the weights that a page uses, from this origin.
function fontsAsFiles(): Plugin {
  const dir = join(import.meta.dirname, 'node_modules', '.cache', 'fonts');
  return {
    name: 'fonts-as-files',
    enforce: 'pre',
    transform(code, id) {
      if (!id.includes('global-styles/index.css')) return null;
      mkdirSync(dir, { recursive: true });
      return code.replace(/url\('data:font\/woff2;base64,([^']+)'\)/g, (_, data: string) => {
        const bytes = Buffer.from(data, 'base64');
        const file = join(dir, `sans-${createHash('sha256').update(bytes).digest('hex').slice(0, 8)}.woff2`);
        writeFileSync(file, bytes);
        return `url('${file}')`;
      });
    },
  };
}

export default defineConfig({
  plugins: [fontsAsFiles(), react()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0, // data: URLs are not allowed by the content security policy
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1200,
  },
  test: { include: ['src/**/*.test.{ts,tsx}', 'scripts/**/*.test.ts'] },
});
