// Draws the dashboard /dashboard.json of shoot.mjs, from the data of the Prometheus behind /prometheus. What it finds wrong
// is in window.report.
import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { dateTime, setTimeZoneResolver, TimeRange } from '@grafana/data';
import { GlobalStyles, ThemeContext } from '@grafana/ui';
import 'uplot/dist/uPlot.min.css';
import { Context, Page } from './dashboard';
import { checkUnits, page, register, theme, timeZone } from './fields';
import { allPanels, Dashboard } from './model';
import { isKnown } from './panels';
import { report } from './report';
import { resolve } from './variables';

// Where Grafana's icons are.
(window as any).__grafana_public_path__ = './';

function timeRange(): TimeRange {
  const [from, to] = ['from', 'to'].map((name) => dateTime(Number(page.get(name)) * 1000));
  return { from, to, raw: { from, to } };
}

const nextFrame = () => new Promise((ready) => requestAnimationFrame(ready));

async function draw(): Promise<void> {
  register();
  setTimeZoneResolver(() => timeZone);
  const dashboard: Dashboard = await (await fetch('/dashboard.json')).json();
  const range = timeRange();
  const values = await resolve(dashboard.templating?.list ?? [], range, page);
  const context: Context = { range, values, scrape: Number(page.get('scrape')) };
  const strange = allPanels(dashboard).filter(({ type }) => !isKnown(type));
  if (strange.length) throw new Error(`panels of these types cannot be drawn here: ${strange.map(({ title, type }) => `${title} (${type})`).join(', ')}`);
  checkUnits(dashboard);
  let left = allPanels(dashboard).filter(({ type }) => type !== 'row').length;
  await new Promise<void>((ready) => {
    const settled = () => { left -= 1; if (left === 0) ready(); };
    createRoot(document.getElementById('root')!).render(
      <ThemeContext.Provider value={theme}>
        <GlobalStyles />
        <Page dashboard={dashboard} context={context} settled={settled} />
      </ThemeContext.Provider>,
    );
  });
  await document.fonts.ready;
  // One frame for React to draw what came last, one for what measures that.
  await nextFrame();
  await nextFrame();
}

draw()
  .catch((error) => report.problems.push(String(error?.stack ?? error)))
  .finally(() => { report.done = true; });
