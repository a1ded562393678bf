import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Dictionary, Language } from '../src/i18n/dictionary';
import en from '../src/i18n/en';
import { translator, type Translate } from '../src/i18n/translate';
import zhCN from '../src/i18n/zh-CN';

const dictionaries: Record<Language, Dictionary> = { en, 'zh-CN': zhCN };

export const screenshots = join(import.meta.dirname, '..', '..', 'build', 'screenshots');

export function baseUrl(): string {
  const url = process.env.CONSOLE_URL;
  if (!url) throw new Error('Set BASE_URL to the address of a running binary, such as http://127.0.0.1:8080.');
  return url.replace(/\/$/, '');
}

/** A name for the same server that the browser does not take for the machine's own: there, http is not a secure context. */
export const elsewhere = 'console.test';

export async function launch(): Promise<Browser> {
  const known = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  const executablePath = known.find((path) => path && existsSync(path));
  if (!executablePath) throw new Error('There is no chromium. Install it, or set CHROMIUM to its path.');
  const args = [`--host-resolver-rules=MAP ${elsewhere} ${new URL(baseUrl()).hostname}`];
  // Inside a container, as root, Chromium's own sandbox cannot be set up.
  if (process.getuid?.() === 0) args.push('--no-sandbox');
  return await chromium.launch({ executablePath, args });
}

export interface VisitorOptions {
  language: Language;
  width: number;
  /** Press keys instead of clicking. */
  keyboard?: boolean;
  /** Another address of the server. */
  at?: string;
}

/** Somebody in front of a browser. Whatever the page does wrong on the way is kept, and fails the test at the end. */
export class Visitor {
  readonly t: Translate;
  readonly name: string;
  clicks = 0;
  /** Errors of the browser's console that a test provokes on purpose. */
  readonly expected: RegExp[] = [];
  private readonly wrong: string[] = [];
  private shots = 0;

  private constructor(
    readonly page: Page,
    readonly context: BrowserContext,
    private readonly options: VisitorOptions,
  ) {
    this.t = translator(dictionaries[options.language], options.language);
    this.name = `${options.language}-${options.width}`;
  }

  static async arrive(browser: Browser, options: VisitorOptions): Promise<Visitor> {
    const context = await browser.newContext({
      baseURL: options.at ?? baseUrl(),
      locale: options.language === 'en' ? 'en-US' : 'zh-CN',
      viewport: { width: options.width, height: options.width < 600 ? 844 : 900 },
      colorScheme: 'light',
      reducedMotion: 'reduce',
      hasTouch: options.width < 600,
    });
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    const visitor = new Visitor(page, context, options);
    await visitor.watch();
    return visitor;
  }

  private async watch() {
    const { page } = this;
    const origin = new URL(this.options.at ?? baseUrl()).origin;
    await page.addInitScript(() =>
      addEventListener('securitypolicyviolation', (e) => console.error(`CSP: ${e.violatedDirective} refused ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`)),
    );
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.origin !== origin && url.protocol !== 'blob:') this.wrong.push(`a request left the origin: ${request.url()}`);
    });
    page.on('pageerror', (error) => this.wrong.push(`the page threw: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() !== 'error') return;
      const text = `${message.text()} ${message.location().url}`;
      // The first look at /me tells whether there is a session; the browser logs its 401.
      const asking = /401 .*\/api\/v1\/(me|sessions\/refresh)$/.test(text);
      if (!asking && !this.expected.some((e) => e.test(text))) this.wrong.push(`the console said: ${text}`);
    });
  }

  /** Fails if anything went wrong on the way. */
  complain() {
    expect([...new Set(this.wrong)], 'what the page did wrong').toEqual([]);
  }

  async leave() {
    await this.context.close();
  }

  /** Clicks, or walks there with the Tab key and presses it. */
  async press(target: Locator) {
    await target.waitFor({ state: 'visible' });
    this.clicks++;
    if (!this.options.keyboard) return await target.click();
    await this.reach(target);
    await this.page.keyboard.press('Enter');
  }

  async type(target: Locator, text: string) {
    if (!this.options.keyboard) return await target.fill(text);
    await this.reach(target);
    await this.page.keyboard.press('Control+a');
    await this.page.keyboard.type(text);
  }

  /** Opens a list of choices and takes one of them. */
  async choose(list: Locator, option: string) {
    await this.press(list);
    const wanted = this.page.getByRole('option', { name: option });
    if (!this.options.keyboard) return await wanted.click();
    const id = await wanted.getAttribute('id');
    const highlighted = () => this.page.evaluate(() => document.activeElement?.getAttribute('aria-activedescendant'));
    for (let i = 0; i < 20 && (await highlighted()) !== id; i++) await this.page.keyboard.press('ArrowDown');
    await this.page.keyboard.press('Enter');
  }

  private async reach(target: Locator) {
    await target.waitFor({ state: 'visible' });
    const focused = () => target.evaluate((element) => element === document.activeElement);
    for (let i = 0; i < 80; i++) {
      if (await focused()) return;
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`${String(target)} cannot be reached with the Tab key`);
  }

  button(name: string | RegExp, within: Locator | Page = this.page): Locator {
    return within.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name });
  }

  main(): Locator {
    return this.page.getByRole('main');
  }

  link(name: string): Locator {
    return this.page.getByRole('link', { name, exact: true });
  }

  field(label: string | RegExp): Locator {
    return this.page.getByLabel(label, typeof label === 'string' ? { exact: true } : {});
  }

  dialog(): Locator {
    return this.page.getByRole('dialog').filter({ visible: true });
  }

  async sees(text: string) {
    await this.page.getByText(text).filter({ visible: true }).first().waitFor();
  }

  /** Looks at the page in both themes: keeps a picture, and asks axe what a blind visitor would miss. */
  async look(what: string) {
    const { page } = this;
    await page.evaluate(() => document.fonts.ready);
    // The window is made as tall as the page: Playwright's own way to the whole page changes the width for a moment, too, and the
    // page then takes itself for a telephone's.
    const { width, height } = page.viewportSize() ?? { width: this.options.width, height: 900 };
    const whole = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ width, height: Math.max(height, whole) });
    const number = String(++this.shots).padStart(2, '0');
    for (const theme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await page.waitForFunction((dark) => document.body.classList.contains('awsui-dark-mode') === dark, theme === 'dark');
      const directory = join(screenshots, `${this.name}-${theme}`);
      mkdirSync(directory, { recursive: true });
      await page.screenshot({ path: join(directory, `${number}-${what}.png`), animations: 'disabled' });
      // Two walks ask axe, and between them have both languages, both themes and both widths: asking takes seconds.
      if (!(this.name === 'en-1280' && theme === 'light') && !(this.name === 'zh-CN-390' && theme === 'dark')) continue;
      // Legacy mode does not look into frames of other origins, of which there are none, and takes half the time.
      const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
      for (const v of violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')) {
        this.wrong.push(`${what}, ${theme}: axe ${v.id} (${v.impact}): ${v.nodes.map((n) => n.html.slice(0, 160)).join(' | ')}`);
      }
    }
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (wide > 0) this.wrong.push(`${what}: the page is ${wide} px wider than the window`);
  }
}
