// Stands in for Grafana's state timeline: a line for each series, a bar for each time that it stays in a state.
import * as React from 'react';
import { formattedValueToString, getFieldDisplayName } from '@grafana/data';
import { LegendDisplayMode } from '@grafana/schema';
import { VizLegend } from '@grafana/ui';
import { theme } from '../fields';
import { AXIS_HEIGHT, position, Row, rows, spacing, TimeAxis } from './axis';
import type { Props } from './index';

const LETTER = 6.6;
const LEGEND_HEIGHT = 28;

interface Segment { start: number; end: number; text: string; color: string }

function segments(row: Row): Segment[] {
  const found: Segment[] = [];
  const width = spacing(row);
  row.field.values.forEach((value, i) => {
    if (value == null) return;
    const display = row.field.display!(value);
    const [text, color, start] = [formattedValueToString(display), display.color!, row.time.values[i]];
    const last = found[found.length - 1];
    if (last?.text === text && last.end >= start) last.end = start + width;
    else found.push({ start, end: start + width, text, color });
  });
  return found;
}

export function Timeline({ panel, frames, width, height, range }: Props) {
  const lines = rows(frames).map((row) => ({ name: getFieldDisplayName(row.field, row.frame, frames), segments: segments(row) }));
  const left = Math.min(width * 0.35, Math.max(40, ...lines.map(({ name }) => name.length * LETTER + 12)));
  const bottom = height - AXIS_HEIGHT - LEGEND_HEIGHT;
  const [line, inner] = [bottom / lines.length, width - left - 8];
  const bar = line * panel.options.rowHeight;
  const x = position(range, left, inner);
  const states = new Map(lines.flatMap((each) => each.segments).map(({ text, color }) => [text, color]));
  return (
    <div>
      <svg width={width} height={bottom + AXIS_HEIGHT}>
        {lines.map(({ name, segments }, i) => (
          <g key={i}>
            <text x={left - 6} y={i * line + line / 2 + 4} textAnchor="end" fontSize={12} fill={theme.colors.text.primary}>{name}</text>
            {segments.map((each, k) => <Bar key={k} segment={each} x={x(each.start)} end={x(each.end)} y={i * line + (line - bar) / 2} height={bar} />)}
          </g>
        ))}
        <TimeAxis range={range} left={left} width={inner} top={bottom} />
      </svg>
      <VizLegend displayMode={LegendDisplayMode.List} placement="bottom" items={[...states].map(([label, color]) => ({ label, color, yAxis: 1 }))} />
    </div>
  );
}

function Bar({ segment, x, end, y, height }: { segment: Segment; x: number; end: number; y: number; height: number }) {
  const fits = end - x > segment.text.length * (LETTER + 0.4) + 10 && height > 14;
  return (
    <>
      <rect x={x} width={Math.max(0.5, end - x)} y={y} height={height} fill={segment.color} fillOpacity={0.8} />
      {fits && <text x={x + 5} y={y + height / 2 + 4} fontSize={12} fill={theme.colors.getContrastText(segment.color)}>{segment.text}</text>}
    </>
  );
}
