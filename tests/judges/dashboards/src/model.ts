// The parts of a dashboard's JSON that are read here. types.mjs checks all of it against Grafana's own types.

export interface GridPos { x: number; y: number; w: number; h: number }

export interface Target {
  refId: string;
  expr: string;
  legendFormat?: string;
  format?: 'time_series' | 'table' | 'heatmap';
  instant?: boolean;
  interval?: string;
  hide?: boolean;
}

export interface Panel {
  id: number;
  type: string;
  title?: string;
  description?: string;
  gridPos: GridPos;
  targets?: Target[];
  interval?: string;
  maxDataPoints?: number;
  transformations?: Array<{ id: string; options: any; disabled?: boolean }>;
  fieldConfig?: { defaults: any; overrides: any[] };
  options?: any;
  repeat?: string;
  collapsed?: boolean;
  panels?: Panel[];
}

export interface Variable {
  name: string;
  label?: string;
  type: string;
  query?: any;
  multi?: boolean;
  includeAll?: boolean;
  allValue?: string;
  regex?: string;
  sort?: number;
  hide?: number;
}

export interface Dashboard {
  title: string;
  panels: Panel[];
  templating?: { list: Variable[] };
  links?: Array<{ title?: string }>;
  refresh?: string;
}

/** Panels of the dashboard, those in rows too. */
export const allPanels = (dashboard: Dashboard): Panel[] => dashboard.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
