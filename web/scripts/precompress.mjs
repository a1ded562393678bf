// Puts a brotli and a gzip copy beside each text file of dist/, so that the server never compresses while it answers.
import { readdir, readFile, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const dist = new URL('../dist/', import.meta.url).pathname;
const compressible = /\.(js|css|svg|html|json|txt)$/;

for (const entry of await readdir(dist, { recursive: true })) {
  const file = join(dist, entry);
  if (!compressible.test(file) || !(await stat(file)).isFile()) continue;
  const bytes = await readFile(file);
  const copies = [
    [`${file}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } })],
    [`${file}.gz`, gzipSync(bytes, { level: 9 })],
  ];
  for (const [name, copy] of copies) {
    if (copy.length < bytes.length) await writeFile(name, copy);
    else await unlink(name).catch(() => undefined);
  }
}
await writeFile(join(dist, '.gitkeep'), '');
