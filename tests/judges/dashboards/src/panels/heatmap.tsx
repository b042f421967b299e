// Stands in for Grafana's heatmap of a histogram: a line for each bucket, darker where there is more.
import * as React from 'react';
import { formattedValueToString, getFieldDisplayName, getValueFormat } from '@grafana/data';
import * as colors from 'd3-scale-chromatic';
import { theme } from '../fields';
import { AXIS_HEIGHT, position, rows, spacing, TimeAxis } from './axis';
import type { Props } from './index';

const [LEFT, RIGHT, LEGEND_HEIGHT, GAP] = [70, 8, 34, 1];

export function Heatmap({ panel, frames, width, height, range }: Props) {
  const lines = rows(frames);
  const bottom = height - AXIS_HEIGHT - LEGEND_HEIGHT;
  const [line, inner] = [bottom / lines.length, width - LEFT - RIGHT];
  const most = Math.max(...lines.flatMap(({ field }) => field.values.map((value) => value ?? 0)));
  const { scheme, exponent } = panel.options.color;
  const color = (value: number) => (colors as any)[`interpolate${scheme}`](theme.isDark ? 1 - (value / most) ** exponent : (value / most) ** exponent);
  const bound = (name: string) => (Number.isFinite(+name) ? formattedValueToString(getValueFormat(panel.options.yAxis.unit)(+name)) : 'more');
  const x = position(range, LEFT, inner);
  return (
    <svg width={width} height={height}>
      {lines.map((row, i) => {
        const y = bottom - (i + 1) * line;
        return (
          <g key={i}>
            <text x={LEFT - 6} y={y + line / 2 + 4} textAnchor="end" fontSize={11} fill={theme.colors.text.primary}>{bound(getFieldDisplayName(row.field, row.frame, frames))}</text>
            {row.field.values.map((value, k) => {
              const [start, end] = [x(row.time.values[k]), x(row.time.values[k] + spacing(row))];
              return value > 0 && end - start > GAP ? <rect key={k} x={start} width={end - start - GAP} y={y} height={Math.max(1, line - GAP)} fill={color(value)} /> : null;
            })}
          </g>
        );
      })}
      <TimeAxis range={range} left={LEFT} width={inner} top={bottom} />
      <Legend top={bottom + AXIS_HEIGHT + 6} most={most} color={color} />
    </svg>
  );
}

const Legend = ({ top, most, color }: { top: number; most: number; color: (value: number) => string }) => (
  <g transform={`translate(${LEFT},${top})`}>
    {Array.from({ length: 64 }, (_, i) => <rect key={i} x={i * 3} width={3} height={8} fill={color((most * (i + 1)) / 64)} />)}
    <text y={22} fontSize={11} fill={theme.colors.text.primary}>0</text>
    <text x={192} y={22} fontSize={11} textAnchor="end" fill={theme.colors.text.primary}>{most.toPrecision(3)}</text>
  </g>
);
