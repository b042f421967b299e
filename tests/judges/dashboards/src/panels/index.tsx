// One component for each type of panel. Graphs, numbers, bars and tables are Grafana's own, from @grafana/ui. Timelines and
// heatmaps are part of Grafana itself and not to be had, so simple ones stand in for them.
import * as React from 'react';
import { DataFrame, FieldType, TimeRange } from '@grafana/data';
import { Panel } from '../model';
import { Bars } from './bars';
import { Graph } from './graph';
import { Heatmap } from './heatmap';
import { Stat } from './stat';
import { Table } from './table';
import { Timeline } from './timeline';

export interface Props { panel: Panel; frames: DataFrame[]; width: number; height: number; range: TimeRange; replaceVariables: (text: string) => string }

const components: Record<string, (props: Props) => React.ReactNode> = {
  timeseries: Graph, stat: Stat, bargauge: Bars, table: Table, 'state-timeline': Timeline, heatmap: Heatmap,
};

export const isKnown = (type: string) => type === 'row' || type in components;

export function Content(props: Props) {
  const Component = components[props.panel.type];
  const empty = props.frames.every((frame) => !frame.length || !frame.fields.some((field) => field.type !== FieldType.time));
  return empty ? <Nothing panel={props.panel} /> : <Component {...props} />;
}

const Nothing = ({ panel }: { panel: Panel }) => (
  <div style={{ display: 'flex', height: '100%', alignItems: 'center', justifyContent: 'center', opacity: 0.7 }}>
    {panel.fieldConfig?.defaults?.noValue ?? 'No data'}
  </div>
);
