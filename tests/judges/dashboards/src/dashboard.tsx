// The page: title, variables, and every panel in Grafana's frame at its place in the grid.
import * as React from 'react';
import { DataFrame, dateTimeFormat, EventBusSrv, TimeRange } from '@grafana/data';
import { PanelChrome, PanelContextRoot } from '@grafana/ui';
import { shape, theme, timeZone } from './fields';
import { intervals } from './intervals';
import { COLUMNS, layout } from './layout';
import { Dashboard, Panel } from './model';
import { Content } from './panels';
import { queryNow, queryRange } from './prometheus';
import { PanelReport, report } from './report';
import { interpolate, Values } from './variables';

export interface Context { range: TimeRange; values: Values; scrape: number }

// Grafana's grid, in pixels.
const [LINE, GAP, MARGIN] = [30, 8, 16];
const bus = new EventBusSrv();

async function load(panel: Panel, { range, values, scrape }: Context, width: number, told: PanelReport): Promise<DataFrame[]> {
  const replace = (text: string) => (typeof text === 'string' ? interpolate(text, values) : text);
  const targets = (panel.targets ?? []).filter((target) => !target.hide);
  const frames: DataFrame[] = [];
  for (const target of targets) {
    const { step, variables } = intervals(range, panel.maxDataPoints ?? Math.max(100, Math.floor(width)), target.interval ?? panel.interval, scrape);
    const expr = interpolate(target.expr, values, variables, true);
    const answer = await (target.instant ? queryNow(target, expr, range, targets.length > 1) : queryRange(target, expr, range, step));
    told.series += answer.series;
    frames.push(...answer.frames);
  }
  return shape(panel, frames, replace);
}

function useFrames(panel: Panel, context: Context, width: number, settled: () => void): { frames?: DataFrame[]; error?: string } {
  const [state, setState] = React.useState<{ frames?: DataFrame[]; error?: string }>({});
  React.useEffect(() => {
    const told: PanelReport = { id: panel.id, title: panel.title ?? '', type: panel.type, series: 0 };
    report.panels.push(told);
    load(panel, context, width, told)
      .then((frames) => setState({ frames }))
      .catch((error) => {
        told.error = String(error);
        setState({ frames: [], error: told.error });
      })
      .finally(settled);
  }, []);
  return state;
}

/** A component that throws takes only its own panel with it. */
class Guard extends React.Component<{ title?: string; children: React.ReactNode }, { failed: boolean }> {
  state = { failed: false };

  static getDerivedStateFromError() { return { failed: true }; }

  componentDidCatch(error: unknown) { report.problems.push(`panel "${this.props.title}" crashed: ${error}`); }

  render() { return this.state.failed ? null : this.props.children; }
}

interface PanelProps { panel: Panel; context: Context; width: number; height: number; settled: () => void }

function Framed({ panel, context, width, height, settled }: PanelProps) {
  const { frames, error } = useFrames(panel, context, width, settled);
  const replaceVariables = (text: string) => interpolate(text, context.values);
  return (
    <PanelContextRoot.Provider value={{ eventBus: bus, eventsScope: '__global_', sync: () => 0 } as any}>
      <PanelChrome title={replaceVariables(panel.title ?? '')} description={panel.description} width={width} height={height}
        padding={panel.type === 'stat' ? 'none' : 'md'} statusMessage={error}>
        {(width, height) => frames && (
          <Guard title={panel.title}>
            <Content panel={panel} frames={frames} width={width} height={height} range={context.range} replaceVariables={replaceVariables} />
          </Guard>
        )}
      </PanelChrome>
    </PanelContextRoot.Provider>
  );
}

export function Page({ dashboard, context, settled }: { dashboard: Dashboard; context: Context; settled: () => void }) {
  const panels = React.useMemo(() => layout(dashboard), []);
  const column = (window.innerWidth - 2 * MARGIN + GAP) / COLUMNS;
  const height = Math.max(...panels.map(({ gridPos }) => gridPos.y + gridPos.h)) * (LINE + GAP);
  const { canvas } = theme.colors.background;
  return (
    <div style={{ padding: MARGIN, background: canvas, color: theme.colors.text.primary, minHeight: '100vh', boxSizing: 'border-box' }}>
      <Head dashboard={dashboard} context={context} />
      <div style={{ position: 'relative', height }}>
        {panels.map((panel) => {
          const { x, y, w, h } = panel.gridPos;
          const size = { width: w * column - GAP, height: h * (LINE + GAP) - GAP };
          return (
            <div key={panel.id} data-panel={panel.title} style={{ position: 'absolute', left: x * column, top: y * (LINE + GAP), ...size }}>
              {panel.type === 'row'
                ? <div style={{ fontWeight: 500, paddingTop: 6 }}>▾ {panel.title}</div>
                : <Framed panel={panel} context={context} settled={settled} {...size} />}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Head({ dashboard, context: { range, values } }: { dashboard: Dashboard; context: Context }) {
  const box = { border: `1px solid ${theme.colors.border.medium}`, padding: '4px 8px', background: theme.components.input.background };
  const time = (at: TimeRange['from']) => dateTimeFormat(at, { timeZone, format: 'YYYY-MM-DD HH:mm' });
  const variables = (dashboard.templating?.list ?? []).filter(({ hide }) => hide !== 2);
  return (
    <>
      <div style={{ display: 'flex', justifyContent: 'space-between', marginBottom: 8 }}>
        <span style={{ fontSize: 18, fontWeight: 500 }}>{dashboard.title}</span>
        <span style={box}>{time(range.from)} to {time(range.to)} UTC</span>
      </div>
      <div style={{ display: 'flex', gap: 16, marginBottom: 10, fontSize: 12 }}>
        {variables.map(({ name, label }) => (
          <span key={name} style={{ display: 'flex' }}>
            <span style={{ ...box, background: theme.colors.background.secondary }}>{label}</span>
            <span style={box}>{values[name]?.text} ▾</span>
          </span>
        ))}
        <span style={{ flex: 1 }} />
        {(dashboard.links ?? []).map((link, i) => <span key={i} style={box}>{link.title} ↗</span>)}
      </div>
    </>
  );
}
