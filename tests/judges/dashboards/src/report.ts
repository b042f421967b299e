// What shoot.mjs reads when the page is drawn.

export interface PanelReport { id: number; title: string; type: string; series: number; error?: string }

export interface Report {
  panels: PanelReport[];
  problems: string[];
  done: boolean;
}

export const report: Report = { panels: [], problems: [], done: false };
(window as any).report = report;
