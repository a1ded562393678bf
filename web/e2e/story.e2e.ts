import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { baseUrl, elsewhere, launch, screenshots, Visitor, type VisitorOptions } from './visitor';

let browser: Browser;
beforeAll(async () => {
  rmSync(screenshots, { recursive: true, force: true });
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
});

const walks: VisitorOptions[] = [
  { language: 'en', width: 1280, keyboard: true },
  { language: 'en', width: 390 },
  { language: 'zh-CN', width: 1280 },
  { language: 'zh-CN', width: 390 },
];

const newAccount = () => `shop-${randomBytes(5).toString('hex')}`;
const password = 'a calm sentence 平静';

async function visit(options: VisitorOptions, work: (v: Visitor) => Promise<void>) {
  const visitor = await Visitor.arrive(browser, options);
  try {
    await work(visitor);
    visitor.complain();
  } finally {
    await visitor.leave();
  }
}

async function signUp(v: Visitor, account: string) {
  await v.page.goto('/sign-up');
  await v.type(v.field(v.t('signUp.account')), account);
  await v.type(v.field(v.t('signUp.email')), `${account}@example.com`);
  await v.type(v.field(v.t('signUp.password')), password);
  await v.press(v.button(v.t('signUp.submit')));
  await v.page.getByTestId('get-started').waitFor();
}

async function createQueue(v: Visitor, name: string) {
  await v.press(v.link(v.t('queues.create')).last());
  await v.type(v.field(v.t('queue.name')), name);
  await v.press(v.button(v.t('queues.create'), v.main()));
  await v.page.waitForURL(/\/queues\/[0-9a-f-]{36}\?tab=send/);
}

describe.concurrent.each(walks)('in $language at $width pixels', (options) => {
  test('from an empty browser to the first message and what it cost', async () => {
    await visit(options, async (v) => {
      const { t, page } = v;
      const account = newAccount();
      const started = Date.now();

      await page.goto('/');
      await page.waitForURL('**/sign-in');
      await v.sees(t('signIn.new'));
      await v.look('sign-in');

      await v.press(v.link(t('signIn.toSignUp')));
      await v.type(v.field(t('signUp.account')), account);
      await v.type(v.field(t('signUp.email')), `${account}@example.com`);
      await v.type(v.field(t('signUp.password')), password);
      await v.press(v.button(t('signUp.submit')));

      await v.sees(t('home.title', { name: account }));
      const steps = page.getByTestId('get-started').locator('li');
      await steps.first().waitFor();
      expect(await steps.evaluateAll((all) => all.map((li) => li.dataset.state))).toEqual(['now', 'later', 'later']);
      await page.getByTestId('get-started').getByText(/0\.06/).waitFor();
      await v.press(v.button(t('activate.submit')));
      await v.sees(t('activate.done'));

      await createQueue(v, 'orders');
      await v.press(v.button(t('send.submit')));
      await page.getByTestId('sent').locator('li').first().waitFor();
      await v.press(v.button(t('send.toReceive')));
      await v.press(v.button(t('receive.submit')));
      const delivery = page.getByTestId('received').getByRole('article');
      await delivery.first().waitFor();
      const seconds = (Date.now() - started) / 1000;

      await delivery.getByText('"hello": "world"').waitFor();
      await delivery.locator('.countdown').getByText(/^0:[0-9]{2}$/).waitFor();
      await v.press(v.button(t('receive.ack'), delivery));
      await page.locator('article[data-state="acknowledged"]').waitFor();
      await v.look('acknowledged');

      await page.goto('/');
      await v.sees(t('start.allDone'));
      expect(await steps.evaluateAll((all) => all.map((li) => li.dataset.state))).toEqual(['done', 'done', 'done']);
      await page.getByTestId('cost-so-far').getByText('0.06').waitFor();
      await v.look('home');

      expect(seconds, 'seconds from the first page to the first message, pictures included').toBeLessThan(90);
      expect(v.clicks, 'clicks to the acknowledged message').toBeLessThanOrEqual(12);
    });
  });

  test('every page', async () => {
    await visit(options, async (v) => {
      const { t, page } = v;
      const account = newAccount();
      await page.goto('/sign-up');
      await v.type(v.field(t('signUp.account')), 'no');
      await v.type(v.field(t('signUp.email')), 'nobody');
      await v.press(v.button(t('signUp.submit')));
      await v.sees(t('signUp.accountInvalid'));
      await v.sees(t('signUp.emailInvalid'));
      await v.sees(t('signUp.passwordInvalid'));
      await v.look('sign-up-errors');

      await signUp(v, account);
      await v.look('home-new');
      await page.goto('/queues');
      await v.sees(t('activate.first'));
      await v.look('not-activated');
      await v.press(v.button(t('activate.submit')));
      await v.sees(t('queues.none'));
      await v.look('queues-empty');

      await page.goto('/queues/create');
      await page.getByTestId('price-preview').getByText('43.20').waitFor();
      await v.look('create-queue');
      await v.press(v.button(t('queues.create'), v.main()));
      await v.sees(t('create.nameInvalid'));
      await v.type(v.field(t('queue.name')), 'orders');
      await v.type(v.field(t('create.maxConsumeCount')), '1');
      await v.press(v.button(t('queues.create'), v.main()));
      await page.waitForURL(/tab=send/);

      await v.press(v.button(t('send.more')));
      await v.type(v.field(t('send.labels')), 'eu, retail');
      await v.type(v.field(t('send.attributes')), '{"source":');
      await v.press(v.button(t('send.submit')));
      await v.sees(t('send.attributesInvalid'));
      await v.type(v.field(t('send.attributes')), '{"source": "shop"}');
      await v.press(v.button(t('send.submit')));
      await page.getByTestId('sent').locator('li').first().waitFor();
      await v.look('send');

      // Nothing of a message may run or become a picture.
      await page.getByRole('radio', { name: t('send.text'), exact: true }).check();
      await v.type(v.field(t('send.body')), '<img src=x onerror=alert(1)>');
      await v.press(v.button(t('send.submit')));
      await page.getByTestId('sent').locator('li').nth(1).waitFor();

      await page.goto(page.url().replace('tab=send', 'tab=receive'));
      // Long enough for the pictures.
      await v.choose(v.button(new RegExp(t('receive.ackWait'))), t.many('count.seconds', 300));
      await v.press(v.button(t('receive.submit')));
      const article = page.getByTestId('received').getByRole('article');
      const hostile = article.filter({ hasText: '<img' });
      while ((await article.count()) < 2) {
        await v.press(v.button(t('receive.submit')));
        await v.button(t('receive.submit')).waitFor();
      }
      await hostile.waitFor();
      await v.look('received');
      await v.press(v.button(t('receive.fail'), hostile));
      await page.locator('article[data-state="failed"]').waitFor();
      await v.press(v.button(t('receive.ackAll')));
      await page.locator('article[data-state="acknowledged"]').waitFor();
      await v.look('settled');

      await v.press(v.button(t('receive.submit')));
      await v.press(v.button(t('receive.cancel')));
      await v.sees(t('receive.cancelled'));

      const tab = async (name: string) => await page.goto(page.url().replace(/tab=[a-z-]+/, `tab=${name}`));
      await tab('dead-letters');
      await v.press(v.button(t('receive.submit')));
      await article.first().waitFor();
      await v.look('dead-letters');
      await v.press(v.button(t('receive.ack'), article.first()));
      await page.locator('article[data-state="acknowledged"]').waitFor();

      await tab('groups');
      await page.getByRole('cell', { name: 'default' }).or(page.getByRole('rowheader', { name: 'default' })).first().waitFor();
      await v.press(v.button(t('groups.create')));
      v.expected.push(/409 .*groups$/);
      await v.type(v.dialog().getByLabel(t('group.name'), { exact: true }), 'default');
      await v.press(v.button(t('groups.create'), v.dialog()));
      await v.dialog().locator('[aria-invalid="true"]').waitFor();
      await v.look('group-taken');
      await v.type(v.dialog().getByLabel(t('group.name'), { exact: true }), 'audit');
      await v.press(v.button(t('groups.create'), v.dialog()));
      await v.sees(t('group.created', { name: 'audit' }));
      await v.look('groups');

      await tab('overview');
      await v.sees(t('queue.facts'));
      await v.look('overview');

      await page.goto('/queues?q=ord');
      await page.getByRole('link', { name: 'orders', exact: true }).waitFor();
      await v.look('queues');

      await page.goto('/access-keys');
      await v.sees(t('keys.none'));
      await v.press(v.button(t('keys.create')).first());
      await v.press(v.button(t('keys.create'), v.dialog()));
      await v.sees(t('keys.once'));
      await v.look('access-key-made');
      const [file] = await Promise.all([page.waitForEvent('download'), v.press(v.button(t('keys.download'), v.dialog()))]);
      expect(readFileSync(await file.path(), 'utf8')).toMatch(/^\ufeffaccess_key,secret_key\r\n[A-Z0-9]{20},\S{40}\r\n$/);
      await v.press(v.button(t('keys.saved'), v.dialog()));
      await v.look('access-keys');

      await page.goto('/bill');
      await page.getByTestId('bill-total').getByText('0.06').waitFor();
      await page.getByRole('link', { name: 'orders', exact: true }).first().waitFor();
      await v.look('bill');
      const [bill] = await Promise.all([page.waitForEvent('download'), v.press(v.button('CSV'))]);
      expect(readFileSync(await bill.path(), 'utf8')).toContain(',orders,');
      await page.goto('/bill?month=2020-01');
      await v.sees(t('bill.none'));

      v.expected.push(/404/);
      await page.goto('/queues/00000000-0000-4000-8000-000000000000');
      await v.sees(t('queue.unknown'));
      await v.look('unknown-queue');
      await page.goto('/nowhere');
      await v.sees(t('notFound.title'));

      await page.goto('/queues');
      await v.press(page.getByRole('radio', { name: 'orders' }));
      if (!(await v.button(t('action.delete')).first().isEnabled())) await page.getByRole('radio', { name: 'orders' }).press('Space');
      await v.press(v.button(t('action.delete')).first());
      await v.dialog().getByText(t('queue.deleteBilling')).waitFor();
      const confirm = v.button(t('action.delete'), v.dialog());
      expect(await confirm.isDisabled()).toBe(true);
      await v.type(v.dialog().getByRole('textbox'), 'orders');
      await v.look('delete-queue');
      await v.press(confirm);
      await v.sees(t('queue.deleted', { name: 'orders' }));
      await v.sees(t('queues.none'));
    });
  });
});

test('what was typed outlives a session that ran out', async () => {
  await visit({ language: 'en', width: 1280 }, async (v) => {
    const { t, page } = v;
    const account = newAccount();
    await signUp(v, account);
    await v.press(v.button(t('activate.submit')));
    await v.sees(t('activate.done'));
    await page.goto('/queues/create');
    await v.type(v.field(t('queue.name')), 'half-typed');
    await v.context.clearCookies();
    v.expected.push(/401/);
    await v.press(v.button(t('queues.create'), v.main()));
    await page.waitForURL('**/sign-in?next=%2Fqueues%2Fcreate');
    await v.sees(t('signIn.back'));

    await v.type(v.field(t('signIn.login')), account);
    await v.type(v.field(t('signIn.password')), 'not the password');
    await v.press(v.button(t('signIn.submit')));
    await v.sees('The login or the password is wrong.');
    await v.type(v.field(t('signIn.password')), password);
    await v.press(v.button(t('signIn.submit')));
    await page.waitForURL('**/queues/create');
    expect(await v.field(t('queue.name')).inputValue()).toBe('half-typed');
  });
});

test('signing out in one tab signs the other out', async () => {
  await visit({ language: 'en', width: 1280 }, async (v) => {
    const { t, page } = v;
    const account = newAccount();
    await signUp(v, account);
    const other = await v.context.newPage();
    await other.goto('/bill');
    await other.getByTestId('bill-total').waitFor();
    await v.press(v.button(new RegExp(account)));
    await v.press(page.getByRole('menuitem', { name: t('account.signOut') }));
    await page.waitForURL('**/sign-in');
    await other.waitForURL('**/sign-in?next=%2Fbill');
  });
});

test('a taken account name is said beside its field, and nothing typed is lost', async () => {
  await visit({ language: 'zh-CN', width: 390 }, async (v) => {
    const { t, page } = v;
    const account = newAccount();
    await signUp(v, account);
    await v.context.clearCookies();
    v.expected.push(/409 .*sign-up$/);
    await page.goto('/sign-up');
    await v.type(v.field(t('signUp.account')), account);
    await v.type(v.field(t('signUp.email')), 'another@example.com');
    await v.type(v.field(t('signUp.password')), password);
    await v.press(v.button(t('signUp.submit')));
    await v.sees(t('problem.account_name_taken'));
    expect(await v.field(t('signUp.account')).getAttribute('aria-invalid')).toBe('true');
    expect(await v.field(t('signUp.email')).inputValue()).toBe('another@example.com');
    expect(await v.field(t('signUp.password')).inputValue()).toBe(password);
  });
});

test('a list that cannot be read says so and can be tried again', async () => {
  await visit({ language: 'en', width: 1280 }, async (v) => {
    const { t, page } = v;
    await signUp(v, newAccount());
    await v.press(v.button(t('activate.submit')));
    await v.sees(t('activate.done'));
    v.expected.push(/ERR_FAILED|Failed to load/);
    await page.route('**/queues?page_size=*', (route) => route.abort());
    await page.goto('/queues');
    await v.sees(t('problem.unreachable'));
    await v.sees(t('table.unread'));
    await v.look('queues-unreachable');
    await page.unroute('**/queues?page_size=*');
    await v.press(v.button(t('action.retry')));
    await v.sees(t('queues.none'));
  });
});

test('language, time zone and appearance are chosen at the top and remembered', async () => {
  await visit({ language: 'en', width: 1280 }, async (v) => {
    const { page } = v;
    await page.goto('/sign-in');
    await v.press(v.button('Language: English'));
    await v.press(page.getByRole('menuitem', { name: '简体中文' }));
    await page.getByRole('heading', { name: '登录' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('zh-CN');
    await v.press(v.button('外观：跟随系统'));
    await v.press(page.getByRole('menuitem', { name: '深色' }));
    await v.press(v.button('时区：本地时间'));
    await v.press(page.getByRole('menuitem', { name: /计费时间/ }));
    await page.reload();
    await v.button('时区：计费时间').waitFor();
    expect(await page.evaluate(() => [document.documentElement.lang, document.body.classList.contains('awsui-dark-mode')])).toEqual(['zh-CN', true]);
  });
});

test('without encryption the console warns, and works', async () => {
  const at = `http://${elsewhere}:${new URL(baseUrl()).port}`;
  await visit({ language: 'en', width: 1280, at }, async (v) => {
    // The browser itself says why it leaves out a header there.
    v.expected.push(/Cross-Origin-Opener-Policy header has been ignored/);
    await v.page.goto('/sign-in');
    await v.sees(v.t('entry.insecure'));
    await signUp(v, newAccount());
  });
});

test('the example with curl works as it is pasted', async () => {
  await visit({ language: 'en', width: 1280 }, async (v) => {
    const { t, page } = v;
    await signUp(v, newAccount());
    await v.press(v.button(t('activate.submit')));
    await v.sees(t('activate.done'));
    await createQueue(v, 'orders');
    await page.goto(page.url().replace('tab=send', 'tab=overview'));
    const snippet = page.getByRole('region', { name: t('snippet.curl') });
    await snippet.getByText('/groups/g-').waitFor();
    const cwd = mkdtempSync(join(tmpdir(), 'dms-snippet-'));
    try {
      const script = (await snippet.textContent()) ?? '';
      const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd, env: { PATH: process.env.PATH, DMS_PASSWORD: password }, timeout: 60_000 });
      expect(stdout).toContain('"body":"Hello"');
      expect(stdout).toMatch(/"success":1,\s*"fail":0/);
    } finally {
      rmSync(cwd, { recursive: true });
    }
  });
});

test('the first page loads in half a megabyte, and no later page is heavy', async () => {
  const context = await browser.newContext({ baseURL: baseUrl(), locale: 'en-US' });
  try {
    const page = await context.newPage();
    const network = await context.newCDPSession(page);
    const received = new Map<string, number>();
    const address = new Map<string, string>();
    await network.send('Network.enable');
    network.on('Network.responseReceived', ({ requestId, response }) => address.set(requestId, response.url));
    network.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      const url = address.get(requestId) ?? requestId;
      received.set(url, Math.max(encodedDataLength, received.get(url) ?? 0)); // a second time it comes out of the cache
    });
    const total = () => [...received.values()].reduce((sum, n) => sum + n, 0);

    await page.goto('/sign-in', { waitUntil: 'networkidle' });
    const first = total();
    expect(first, 'bytes over the wire for the first page').toBeLessThan(500 * 1024);
    expect(first, 'an empty page is no proof').toBeGreaterThan(50 * 1024);

    const account = newAccount();
    await page.goto('/sign-up', { waitUntil: 'networkidle' });
    await page.getByLabel('Account name').fill(account);
    await page.getByLabel('E-mail').fill(`${account}@example.com`);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Open the account' }).click();
    await page.getByTestId('get-started').waitFor();
    for (const path of ['/', '/queues', '/queues/create', '/access-keys', '/bill']) await page.goto(path, { waitUntil: 'networkidle' });
    const heavy = [...received].filter(([, bytes]) => bytes > 150 * 1024);
    expect(heavy, 'files of more than 150 KB').toEqual([]);
    console.log(`first page: ${Math.round(first / 1024)} KiB; all pages: ${Math.round(total() / 1024)} KiB`);
  } finally {
    await context.close();
  }
});
