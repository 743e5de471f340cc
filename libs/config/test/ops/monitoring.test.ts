// docker/monitoring: what it asks for is what the apps tell. The alert rules are run by promtool, each seen to fire.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findPromtool } from '@jobhive/test-kit';
import { beforeAll, expect, it } from 'vitest';
import { createMetrics } from '../../src/index.ts';

const folder = fileURLToPath(new URL('../../../../docker/monitoring', import.meta.url));
const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
const run = promisify(execFile);

let promtool: string;
beforeAll(async () => {
  promtool = await findPromtool();
}, 300_000);

const namesIn = (text: string): string[] => [...new Set(text.match(/\bjobhive_[a-z_]+/g))];
/** As it is scraped: a histogram under three names. */
async function scrapedNames(): Promise<Set<string>> {
  const declared = [...(await createMetrics().render()).matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  return new Set(
    declared.flatMap(([, name = '', type]) =>
      type === 'histogram' ? ['_bucket', '_count', '_sum'].map((part) => name + part) : [name],
    ),
  );
}

it.each(['alerts.yml', 'alerts.test.yml', 'grafana/dashboards/jobhive.json'])(
  '%s names metrics that there are',
  async (file) => {
    const scraped = await scrapedNames();
    const named = namesIn(read(file));
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !scraped.has(name))).toEqual([]);
  },
);

// What had gone wrong: the dashboard was scraped where nothing listened, so that the alert of an app that is down fired for good.
it('every service that is scraped listens at the port where it is', () => {
  const [, names = '', port = ''] = /names: \[(.+)\]\n\s+type: A\n\s+port: (\d+)/.exec(read('prometheus.yml')) ?? [];
  const compose = read('../compose.yaml').split(/\n {2}(?=\S)/);
  const images = read('../Dockerfile').split('\nFROM ');
  const listens = (name: string): boolean =>
    compose.some((service) => service.startsWith(`${name}:`) && service.includes(`OPS_PORT: '${port}'`)) ||
    images.some((image) => image.startsWith(`runtime AS ${name}\n`) && image.includes(`OPS_PORT=${port}`));
  const scraped = names.split(', ');
  expect(scraped).toContain('dashboard');
  expect(scraped.filter((name) => !listens(name))).toEqual([]);
});

it('the dashboard shows every metric', async () => {
  const shown = namesIn(read('grafana/dashboards/jobhive.json')).map((name) =>
    name.replace(/_(bucket|count|sum)$/, ''),
  );
  const scraped = [...(await scrapedNames())].map((name) => name.replace(/_(bucket|count|sum)$/, ''));
  expect(scraped.filter((name) => !shown.includes(name))).toEqual([]);
});

it('the dashboard’s panels have a title, a sentence and a place of their own', () => {
  // A file of ours.
  const { panels } = JSON.parse(read('grafana/dashboards/jobhive.json')) as {
    panels: { title: string; description: string; gridPos: { x: number; y: number; w: number; h: number } }[];
  };
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, n) => `${String(x + (n % w))},${String(y + Math.floor(n / w))}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  for (const { title, description } of panels) expect([title, description]).not.toContain('');
});

it('the rules are sound, and each alert has a severity and says how to mend it', async () => {
  expect((await run(promtool, ['check', 'rules', 'alerts.yml'], { cwd: folder })).stdout).toContain('SUCCESS');
  const rules = read('alerts.yml').split('- alert: ').slice(1);
  for (const rule of rules) expect(rule).toMatch(/severity: (page|warn|info)[^]*summary: [^]*mend: /);
});

it('each alert fires when it should, and none in a sound system', async () => {
  expect((await run(promtool, ['test', 'rules', 'alerts.test.yml'], { cwd: folder })).stdout).toContain('SUCCESS');
  const alerts = [...read('alerts.yml').matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
  const tested = new Set(
    [...read('alerts.test.yml').matchAll(/alertname: (\w+)\n\s+exp_alerts/g)].map(([, name]) => name),
  );
  expect(alerts.filter((name) => !tested.has(name))).toEqual([]);
});

it('Prometheus takes its configuration', async () => {
  const { stdout } = await run(promtool, ['check', 'config', '--syntax-only', 'prometheus.yml'], { cwd: folder });
  expect(stdout).toContain('SUCCESS');
});
