// The dashboard's page in a real Chromium, over the built programs: what an operator sees and does with it. One browser and one
// system for the file; the tests follow each other as a day of work does. JOBHIVE_SCREENSHOTS=FOLDER keeps a picture of each page.
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort, tcpProxy, waitFor, type Proxy, type StartedProgram } from '@jobhive/test-kit';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, seriousFindings, visit, type Visitor, type VisitOptions } from '../src/browser.ts';
import { posting } from '../src/postings.ts';
import { startSystem, type System } from '../src/system.ts';

const OPERATOR = 'operator-token-of-the-test';
const VIEWER = 'viewer-token-of-the-test';
const JOBS = 200;
const INITECH = 9;
const HOOLI = 4;

let system: System;
let browser: Browser;
let dashboard: StartedProgram;
let port: number;
/** The dashboard's way to Postgres. */
let proxy: Proxy;
let operator: Visitor;
const visitors: Visitor[] = [];

const address = (hash = '#/'): string => `http://127.0.0.1:${String(port)}/${hash}`;

async function startDashboard(): Promise<void> {
  const postgres = new URL(system.database.url);
  postgres.host = `127.0.0.1:${String(proxy.port)}`;
  dashboard = system.start('monitor-cli', ['dashboard', '--port', String(port)], { DATABASE_URL: postgres.href });
  await waitFor(
    'the dashboard to answer',
    () =>
      fetch(address()).then(
        (answer) => answer.ok,
        () => false,
      ),
    {
      timeoutMs: 20_000,
    },
  );
}

async function visitAs(options: VisitOptions, hash = '#/'): Promise<Visitor> {
  const visitor = await visit(browser, address(hash), options);
  visitors.push(visitor);
  return visitor;
}

const lines = Array.from({ length: JOBS }, (_, n) => {
  const company = n < INITECH ? 'Initech' : n < INITECH + HOOLI ? 'Hooli' : 'Acme';
  return posting(n + 1, { title: n === 50 ? 'Beekeeper <b>of</b> 100% care' : `Engineer ${String(n)}`, company });
});

/** In the page: keeps each figure that `Processed` ever showed, in window.seen. */
const NOTE_PROCESSED = `
  window.seen = new Set();
  const note = () => seen.add(document.querySelector('.by-status .is-processed + b')?.textContent);
  new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true });
`;

const figure = (page: Page, name: string) => page.locator('.figure', { hasText: name }).locator('strong');
const go = async (page: Page, hash: string): Promise<void> => {
  await page.goto(address(hash));
  await page.locator('main h1').waitFor({ state: 'attached' });
};

async function picture(page: Page, hash: string, colorScheme: string): Promise<void> {
  const folder = process.env['JOBHIVE_SCREENSHOTS'];
  if (folder === undefined) return;
  const name = hash.startsWith('#/jobs/') ? 'job' : hash.slice(2) || 'overview';
  await page.screenshot({
    path: join(folder, `${name}-${colorScheme}.png`),
    clip: { x: 0, y: 0, width: 1280, height: 720 },
  });
}

beforeAll(async () => {
  [system, browser, port] = await Promise.all([
    startSystem({
      pipeline: 'three-stages',
      env: { OPERATOR_TOKEN: OPERATOR, VIEWER_TOKEN: VIEWER, RQ_MAX_RETRIES: '1', RQ_RETRY_DELAYS: '0' },
    }),
    launchBrowser(),
    freePort(),
  ]);
  const postgres = new URL(system.database.url);
  proxy = await tcpProxy(Number(postgres.port), postgres.hostname);
  await Promise.all([startDashboard(), system.discover(lines)]);
});

afterEach(async () => {
  await Promise.all(visitors.splice(0).map((visitor) => visitor.leave()));
});

afterAll(async () => {
  await browser?.close();
  await system?.stop();
  await proxy?.close();
});

describe('the dashboard’s page', () => {
  it('asks for a token, and is live while 200 jobs run', async () => {
    operator = await visit(browser, address());
    const { page } = operator;
    await page.locator('input[name=token]').fill(OPERATOR);
    await page.getByRole('button', { name: 'Use this token' }).click();
    await page.getByText('Live', { exact: true }).waitFor();
    await page.evaluate(NOTE_PROCESSED);
    await system.monitor('enqueue', '--discovered');
    await system.worker('busy-bee', ['--concurrency', '4']);
    await expect.poll(() => figure(page, 'Failed').textContent(), { timeout: 40_000 }).toBe(String(INITECH + HOOLI));
    const processed = page.locator('.by-status a', { hasText: 'Processed' }).locator('b');
    await expect.poll(() => processed.textContent(), { timeout: 40_000 }).toBe(String(JOBS - INITECH - HOOLI));
    const values = await page.evaluate<number>('window.seen.size');
    expect(values).toBeGreaterThan(3);
    expect(await page.locator('.chart canvas').count()).toBe(4);
    expect(operator.complaints().filter((text) => !text.includes('401'))).toEqual([]);
  });

  it('searches by words that stand for themselves, and shows what a posting says as text', async () => {
    const { page } = operator;
    await go(page, '#/jobs');
    await page.getByLabel('Words', { exact: true }).fill('100% bEEkeeper');
    await page.getByRole('link', { name: 'Beekeeper <b>of</b> 100% care' }).waitFor();
    await expect.poll(() => page.locator('tbody tr').count()).toBe(1);
    expect(page.url()).toContain('text=100');
    await page.getByLabel('Words', { exact: true }).fill('');
    await page.getByRole('combobox', { name: 'Status' }).selectOption('failed'); // before the words are searched
    await expect.poll(() => page.locator('tbody tr').count()).toBe(INITECH + HOOLI);
    await page.getByRole('combobox', { name: 'Status' }).selectOption('');
    await page.getByRole('link', { name: 'Next page' }).click();
    await page.getByRole('link', { name: 'First page' }).waitFor();
    expect(operator.complaints()).toEqual([]);
  });

  it('tells of one job its cause, its waits, its history and its outputs', async () => {
    const { page } = operator;
    await go(page, '#/jobs?text=Beekeeper');
    await page.getByRole('link', { name: /Beekeeper/ }).click();
    await page.getByText(/Processed at .* by attempt 1/).waitFor();
    await page.getByRole('rowheader', { name: 'At work match' }).waitFor();
    await page.getByText('Taken by a worker').first().waitFor();
    expect(await page.locator('.timeline li').allTextContents()).not.toEqual([]);
    await page.locator('.stages summary', { hasText: 'match' }).click();
    await page.getByText('"score": 0.82').waitFor();
    expect(await page.locator('main b').count()).toBe(0);
    await go(page, '#/jobs/00000000-0000-4000-8000-000000000000');
    await page.getByText('Not found.').waitFor();
    expect(operator.complaints().filter((text) => !text.includes('404'))).toEqual([]);
  });

  it('retries a group after a question, and no other', async () => {
    const { page } = operator;
    await go(page, '#/failed');
    await system.openGate('mended');
    const retry = page.getByRole('button', { name: `Retry group: ${String(INITECH)} jobs with TypeError` });
    await retry.click();
    await page.getByRole('button', { name: 'Not now' }).click();
    expect((await system.record.eventsNamed('retried')).length).toBe(0);
    await retry.click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: `Retry ${String(INITECH)} jobs` })
      .click();
    await page.getByText(`${String(INITECH)} jobs queued again`).waitFor();
    await expect.poll(() => page.locator('.group').count(), { timeout: 20_000 }).toBe(1);
    await expect.poll(() => page.locator('.group h3').textContent()).toBe('PermanentError');
    const ids = await system.record.jobIds();
    await system.record.untilStatus(ids.slice(0, INITECH), 'processed');
    expect((await system.record.eventsNamed('retried')).length).toBe(INITECH);
    expect(operator.complaints()).toEqual([]);
  });

  it('pauses and resumes the queue', async () => {
    const { page } = operator;
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await page.getByRole('button', { name: 'Pause the queue' }).click();
    await page.getByRole('button', { name: 'Resume', exact: true }).click();
    await page.getByRole('button', { name: 'Resume the queue' }).click();
    await page.getByRole('button', { name: 'Pause', exact: true }).waitFor();
    expect(operator.complaints()).toEqual([]);
  });

  it('shows nothing without a token, and refuses a viewer’s write with the reason', async () => {
    const { page } = await visitAs({});
    await page.getByRole('dialog').getByText('This dashboard is protected.').waitFor();
    await page.getByRole('button', { name: 'Not now' }).click();
    await page.getByText('A token is needed.').first().waitFor();
    expect(await page.locator('.figure').count()).toBe(0);
    const written = await page.evaluate<number>(
      `fetch('/api/queue/pause', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }).then(({ status }) => status)`,
    );
    expect(written).toBe(401);
    const viewer = await visitAs({ token: VIEWER });
    await viewer.page.getByText('Live', { exact: true }).waitFor();
    await viewer.page.getByRole('button', { name: 'Pause', exact: true }).click();
    await viewer.page.getByRole('button', { name: 'Pause the queue' }).click();
    await viewer.page.getByText('Your token may not do this').waitFor();
    expect((await system.monitor<{ paused: boolean }>('status')).paused).toBe(false);
  });

  it.each(['light', 'dark'] as const)('has nothing serious for axe on any page, %s', async (colorScheme) => {
    const { page, complaints } = await visitAs({ token: OPERATOR, colorScheme });
    const [failedId] = (await system.monitor<{ job_id: string }[]>('failed')).map(({ job_id }) => job_id);
    for (const hash of ['#/', '#/workers', '#/jobs', `#/jobs/${String(failedId)}`, '#/failed']) {
      await go(page, hash);
      await page.locator('.loading').waitFor({ state: 'detached' });
      expect(await seriousFindings(page), hash).toEqual([]);
      await picture(page, hash, colorScheme);
    }
    await page.getByRole('button', { name: 'Retry group' }).first().click();
    expect(await seriousFindings(page), 'a dialog').toEqual([]);
    expect(complaints()).toEqual([]);
  });

  it('is dark where the system is, and as chosen afterwards', async () => {
    const { page } = await visitAs({ token: OPERATOR, colorScheme: 'dark' });
    const ground = 'getComputedStyle(document.body).backgroundColor';
    expect(await page.evaluate<string>(ground)).toBe('rgb(16, 19, 23)');
    await page.getByRole('button', { name: 'Switch to light colours' }).waitFor();
    // Read in the task of the click: nothing fades, least of all for who asked for less motion.
    const clicked = `document.querySelector('[aria-label="Switch to light colours"]').click(), ${ground}`;
    expect(await page.evaluate<string>(clicked)).toBe('rgb(246, 246, 243)');
    await page.reload();
    await page.getByRole('button', { name: 'Switch to dark colours' }).waitFor();
  });

  it('fits a phone of 390 px', async () => {
    const { page } = await visitAs({ token: OPERATOR, viewport: { width: 390, height: 844 }, isMobile: true });
    const [failedId] = (await system.monitor<{ job_id: string }[]>('failed')).map(({ job_id }) => job_id);
    for (const hash of ['#/', '#/workers', '#/jobs', `#/jobs/${String(failedId)}`, '#/failed']) {
      await go(page, hash);
      await page.locator('.loading').waitFor({ state: 'detached' });
      const tooWide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      expect(tooWide, hash).toBeLessThanOrEqual(0);
    }
    await page.getByRole('link', { name: 'Workers', exact: true }).click();
    await page.getByText('busy-bee').waitFor();
  });

  it('says that Postgres is away while the figures stand still, and goes on by itself', async () => {
    const { page } = operator;
    await go(page, '#/');
    await page.getByText('Live', { exact: true }).waitFor();
    await proxy.refuse(true);
    proxy.cut();
    await page.getByRole('alert').getByText('A service is away').waitFor();
    expect(await page.getByText('Live', { exact: true }).count()).toBe(0);
    await proxy.refuse(false);
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByRole('alert').waitFor({ state: 'detached' });
  });

  it('says that it is disconnected, and comes back by itself', async () => {
    const { page } = operator;
    await go(page, '#/');
    dashboard.signal('SIGTERM');
    await dashboard.exited;
    await page.getByText('Disconnected, trying again').waitFor();
    await startDashboard();
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByText('Disconnected, trying again').waitFor({ state: 'detached' });
  });
});
