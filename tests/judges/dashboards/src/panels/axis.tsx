// The time axis of the stand-ins.
import * as React from 'react';
import { DataFrame, dateTimeFormat, Field, FieldType, TimeRange } from '@grafana/data';
import { theme, timeZone } from '../fields';

const DAY = 86400e3;
const STEPS = [60e3, 300e3, 900e3, 1800e3, 3600e3, 7200e3, 10800e3, 21600e3, 43200e3, DAY, 2 * DAY, 5 * DAY, 10 * DAY];

export const AXIS_HEIGHT = 20;

/** Where a time stands between left and left + width. */
export const position = (range: TimeRange, left: number, width: number) => (time: number) => {
  const [from, to] = [range.from.valueOf(), range.to.valueOf()];
  return left + Math.max(0, Math.min(1, (time - from) / (to - from))) * width;
};

export function TimeAxis({ range, left, width, top }: { range: TimeRange; left: number; width: number; top: number }) {
  const [from, to] = [range.from.valueOf(), range.to.valueOf()];
  const most = Math.max(2, Math.floor(width / 110));
  const step = STEPS.find((each) => (to - from) / each <= most) ?? STEPS[STEPS.length - 1];
  const x = position(range, left, width);
  const ticks: number[] = [];
  for (let time = Math.ceil(from / step) * step; time <= to; time += step) ticks.push(time);
  return (
    <>
      {ticks.filter((time) => x(time) < left + width - 20).map((time) => (
        <text key={time} x={x(time)} y={top + 14} textAnchor="middle" fontSize={12} fill={theme.colors.text.primary}>
          {dateTimeFormat(time, { timeZone, format: step >= DAY ? 'MM/DD' : 'HH:mm' })}
        </text>
      ))}
    </>
  );
}

export interface Row { time: Field; field: Field; frame: DataFrame }

/** Every field of numbers with the times of its frame. */
export const rows = (frames: DataFrame[]): Row[] =>
  frames.flatMap((frame) => {
    const time = frame.fields.find((field) => field.type === FieldType.time);
    return time ? frame.fields.filter((field) => field !== time).map((field) => ({ time, field, frame })) : [];
  });

/** Milliseconds from sample to sample. */
export const spacing = ({ time }: Row) => (time.values.length > 1 ? time.values[1] - time.values[0] : 60e3);
