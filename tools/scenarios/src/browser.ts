/**
 * A real Chromium for tests of the dashboard's page: one browser a file, a page of its own for each visitor. What the browser
 * complains of (console, uncaught errors, refusals of the content security policy) is kept, and looked at by the test.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { findChromium } from '@jobhive/test-kit';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

export interface Visitor {
  readonly page: Page;
  /** Since the last call. */
  readonly complaints: () => readonly string[];
  readonly leave: () => Promise<void>;
}

export interface VisitOptions extends Pick<BrowserContextOptions, 'colorScheme' | 'viewport' | 'isMobile'> {
  /** Put into this tab's storage, as if it had been entered. */
  readonly token?: string;
}

/** As root there is no sandbox to be had; what the tests visit is our own page. */
export async function launchBrowser(): Promise<Browser> {
  const { file, env } = await findChromium();
  return chromium.launch({ executablePath: file, args: ['--no-sandbox'], env: { ...process.env, ...env } });
}

export async function visit(browser: Browser, address: string, options: VisitOptions = {}): Promise<Visitor> {
  const { token, ...settings } = options;
  const context = await browser.newContext({
    viewport: { width: 1280, height: 860 },
    reducedMotion: 'reduce',
    ...settings,
  });
  context.setDefaultTimeout(30_000);
  if (token !== undefined) {
    await context.addInitScript({ content: `sessionStorage.setItem('jobhive.token', ${JSON.stringify(token)})` });
  }
  const page = await context.newPage();
  let told: string[] = [];
  page.on('console', (message) => void (message.type() === 'error' && told.push(message.text())));
  page.on('pageerror', (error) => void told.push(String(error)));
  await page.goto(address);
  const complaints = (): readonly string[] => {
    const since = told;
    told = [];
    return since;
  };
  return { page, complaints, leave: () => context.close() };
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeViolation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** What axe finds serious or critical, a line each. */
export async function seriousFindings(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE); // not as a script tag: the policy would refuse it, as it should
  const violations = await page.evaluate<readonly AxeViolation[]>('axe.run().then((found) => found.violations)');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, impact, nodes }) =>
        `${String(impact)} ${id}: ${nodes.map(({ html, failureSummary = '' }) => `${html} ${failureSummary}`).join(' | ')}`,
    );
}
