// Where panels stand. Rows that are collapsed are opened, so that everything can be seen and checked.
import { Dashboard, Panel } from './model';
import { report } from './report';

export const COLUMNS = 24;

export function layout(dashboard: Dashboard): Panel[] {
  const placed: Panel[] = [];
  let down = 0;
  for (const panel of dashboard.panels) {
    if (panel.repeat) report.problems.push(`panel "${panel.title}": repeated panels are not supported here`);
    const moved = (each: Panel): Panel => ({ ...each, gridPos: { ...each.gridPos, y: each.gridPos.y + down } });
    placed.push(moved({ ...panel, panels: undefined }));
    const inside = panel.collapsed ? (panel.panels ?? []) : [];
    placed.push(...inside.map(moved));
    if (inside.length) down += Math.max(...inside.map(({ gridPos }) => gridPos.y + gridPos.h)) - (panel.gridPos.y + 1);
  }
  return placed;
}
