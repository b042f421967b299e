#!/usr/bin/env node
// Draws a dashboard in Chromium, and says of each panel whether there is something in it.
//   node shoot.mjs DASHBOARD.json --prometheus URL --from SECONDS --to SECONDS --scrape SECONDS
//       [--picture FILE] [--width PIXELS] [--height PIXELS] [--theme dark|light] [--var NAME=VALUE]...
// Prints `ok`, `empty` or `error` and the title of each panel, then `problem` and a sentence for all else. Fails at errors
// and problems; which panels may be empty, the caller knows.
import fs from 'node:fs';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { clipped, leftovers } from './seen.mjs';
import { serve } from './serve.mjs';

// The most that anything awaited may take. It ends a hang, and decides nothing else.
const PATIENCE = 600_000;
// Without these, Chromium asks for a display, a user, and its maker's servers.
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

const { values: options, positionals: [dashboard] } = parseArgs({
  allowPositionals: true,
  options: {
    prometheus: { type: 'string' }, from: { type: 'string' }, to: { type: 'string' }, scrape: { type: 'string' }, picture: { type: 'string' },
    width: { type: 'string', default: '1600' }, height: { type: 'string' }, theme: { type: 'string', default: 'dark' }, var: { type: 'string', multiple: true, default: [] },
  },
});

/** Pictures until two are the same: fonts, tables and graphs are drawn one after the other, and say nothing of it. */
async function still(page) {
  let [before, after] = [null, await page.screenshot()];
  for (let tries = 0; !before?.equals(after); tries++) {
    if (tries > 30) throw new Error('the page does not come to rest');
    [before, after] = [after, await page.screenshot()];
  }
  return after;
}

async function look(page, address) {
  const query = new URLSearchParams({ theme: options.theme, from: options.from, to: options.to, scrape: options.scrape });
  for (const each of options.var) query.append(`var-${each.slice(0, each.indexOf('='))}`, each.slice(each.indexOf('=') + 1));
  // It is then, for what is told as "two hours ago".
  await page.clock.setFixedTime(Number(options.to) * 1000);
  await page.goto(`${address}/?${query}`);
  await page.waitForFunction(() => window.report?.done);
  const report = await page.evaluate(() => window.report);
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width: Number(options.width), height });
  const picture = await still(page);
  const clip = options.height && { x: 0, y: 0, width: Number(options.width), height: Number(options.height) };
  if (options.picture) fs.writeFileSync(options.picture, clip ? await page.screenshot({ clip }) : picture);
  report.problems.push(...(await page.evaluate(clipped)), ...(await page.evaluate(leftovers)));
  return report;
}

function tell({ panels, problems }) {
  const verdict = ({ error, series }) => (error ? 'error' : series ? 'ok' : 'empty');
  for (const panel of panels) console.log(`${verdict(panel)}\t${panel.title}${panel.error ? `\t${panel.error}` : ''}`);
  for (const problem of problems) console.log(`problem\t${problem}`);
  return problems.length === 0 && panels.every(({ error }) => !error);
}

const server = await serve(dashboard, options.prometheus);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS, timeout: PATIENCE });
try {
  const page = await browser.newPage({ viewport: { width: Number(options.width), height: 900 } });
  page.setDefaultTimeout(PATIENCE);
  const errors = [];
  page.on('pageerror', (error) => errors.push(`the page failed: ${error.stack ?? error}`));
  const report = await look(page, server.address);
  report.problems.push(...errors);
  process.exitCode = tell(report) ? 0 : 1;
} finally {
  await browser.close();
  server.close();
}
