import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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

// The component library's design tokens are custom properties whose names carry a hash of their value. Our style sheet names a
// token, token(color-text-body-default); the build writes the property of exactly the version that is installed.
function designTokens(): Plugin {
  const source = join(import.meta.dirname, 'node_modules/@cloudscape-design/components/internal/generated/styles/tokens.js');
  const values = new Map([...readFileSync(source, 'utf8').matchAll(/"var\(--([a-z0-9-]+)-[a-z0-9]{6}, .*\)"/g)].map((m) => [m[1], m[0].slice(1, -1)]));
  return {
    name: 'design-tokens',
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith('/console.css')) return null;
      return code.replace(/token\(([a-z0-9-]+)\)/g, (_, name: string) => values.get(name) ?? this.error(`there is no design token ${name}`));
    },
  };
}

export default defineConfig({
  plugins: [fontsAsFiles(), designTokens(), react()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0, // data: URLs are not allowed by the content security policy
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1200,
  },
  test: { include: ['src/**/*.test.{ts,tsx}', 'scripts/**/*.test.ts'] },
});
