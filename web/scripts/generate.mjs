// Writes src/api/schema.gen.ts from the API's document. With --check it changes nothing and fails when the file is stale.
import { readFile, writeFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';

const source = new URL('../../controlplane/httpapi/openapi.yaml', import.meta.url);
const target = new URL('../src/api/schema.gen.ts', import.meta.url);
const header = '// Generated from controlplane/httpapi/openapi.yaml by "npm run generate". Do not edit.\n\n';

const wanted = header + astToString(await openapiTS(source, { defaultNonNullable: false }));
if (process.argv.includes('--check')) {
  const found = await readFile(target, 'utf8').catch(() => '');
  if (found !== wanted) {
    console.error('src/api/schema.gen.ts is stale: run "npm run generate" and commit the result.');
    process.exit(1);
  }
} else {
  await writeFile(target, wanted);
}
