// Boots bin/dms on a free port and an empty folder, runs the console's browser test against it, and stops it.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

// A process as a promise of how it ended.
function ended(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? signal));
  });
}

const port = await freePort();
const base = `http://127.0.0.1:${port}`;
const dir = mkdtempSync(join(tmpdir(), 'dms-browser-'));
const server = spawn(join(root, 'bin/dms'), ['serve', '--listen', `127.0.0.1:${port}`, '--data-dir', dir], { stdio: ['ignore', 'ignore', 'pipe'] });
let log = '';
server.stderr.on('data', (chunk) => (log += chunk));
const serverEnded = ended(server);

let status = 1;
try {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const ready = await fetch(`${base}/readyz`).then((r) => r.ok, () => false);
    if (ready) break;
    if (server.exitCode !== null || Date.now() > deadline) throw new Error('the server did not become ready');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const test = spawn('npm', ['--prefix', join(root, 'web'), 'run', '--silent', 'e2e'], { stdio: 'inherit', env: { ...process.env, BASE_URL: base } });
  status = (await ended(test)) === 0 ? 0 : 1;
} catch (err) {
  console.error(err);
} finally {
  server.kill('SIGTERM');
  const code = await serverEnded;
  if (code !== 0) {
    console.error(`the server ended with ${code}`);
    status = 1;
  }
  if (status !== 0) console.error(log);
  rmSync(dir, { recursive: true, force: true });
}
process.exit(status);
