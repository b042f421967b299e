// Answers of Prometheus as Grafana's data frames, as Grafana's Prometheus data source makes them.
import { DataFrame, FieldType, renderLegendFormat, TimeRange, toDataFrame } from '@grafana/data';
import { Target } from './model';

type Labels = Record<string, string>;
type Point = [number, string];
interface Series { metric: Labels; value: Point; values: Point[] }

export interface Answer { frames: DataFrame[]; series: number }

async function ask(path: string, parameters: Labels, method: 'GET' | 'POST'): Promise<any> {
  const body = new URLSearchParams(parameters);
  const reply = method === 'POST' ? await fetch(`/prometheus/api/v1/${path}`, { method, body }) : await fetch(`/prometheus/api/v1/${path}?${body}`);
  const answer = await reply.json();
  if (answer.status !== 'success') throw new Error(`${answer.errorType}: ${answer.error}`);
  return answer.data;
}

const seconds = (range: TimeRange) => ({ start: String(range.from.valueOf() / 1000), end: String(range.to.valueOf() / 1000) });

export async function labelValues(selector: string, label: string, range: TimeRange): Promise<string[]> {
  return ask(`label/${label}/values`, { 'match[]': selector, ...seconds(range) }, 'GET');
}

/** The series of an expression, as texts of which a variable takes its values. */
export async function queryResult(expr: string, range: TimeRange): Promise<string[]> {
  const { result } = await ask('query', { query: expr, time: seconds(range).end }, 'POST');
  const labels = (metric: Labels) => Object.entries(metric).map(([name, value]) => `${name}="${value}"`).join(',');
  return result.map(({ metric }: Series) => `{${labels(metric)}}`);
}

/** Asks over the time range, in steps of so many seconds that start at whole multiples of it. */
export async function queryRange(target: Target, expr: string, range: TimeRange, step: number): Promise<Answer> {
  const align = (time: { valueOf(): number }) => Math.floor(time.valueOf() / 1000 / step) * step;
  const [start, end] = [align(range.from), align(range.to)];
  const parameters = { query: expr, start: String(start), end: String(end), step: String(step) };
  const result: Series[] = (await ask('query_range', parameters, 'POST')).result;
  const frames = result.map((series) => graphFrame(target, series.metric, withGaps(series.values, start, end, step)));
  return { frames: target.format === 'heatmap' ? heatmapFrames(frames, target) : frames, series: result.length };
}

/** Asks for the end of the time range. */
export async function queryNow(target: Target, expr: string, range: TimeRange, several: boolean): Promise<Answer> {
  const data = await ask('query', { query: expr, time: seconds(range).end }, 'POST');
  const result: Series[] = data.resultType === 'scalar' ? [{ metric: {}, value: data.result }] : data.result;
  const single = (series: Series) => graphFrame(target, series.metric, [[series.value[0], number(series.value[1])]]);
  const frames = target.format === 'table' ? [tableFrame(target, result, several)] : result.map(single);
  return { frames, series: result.length };
}

const number = (text: string) => (text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : parseFloat(text));

/** Steps without a sample get a null, so that lines end there. */
function withGaps(points: Point[], start: number, end: number, step: number): Array<[number, number | null]> {
  const known = new Map(points.map(([time, value]) => [Math.round((time - start) / step), number(value)]));
  const steps = Math.floor((end - start) / step + 1e-6);
  return Array.from({ length: steps + 1 }, (_, i) => [start + i * step, known.get(i) ?? null]);
}

function seriesName(metric: Labels): string {
  const { __name__, ...rest } = metric;
  return `${__name__ ?? ''}{${Object.entries(rest).map(([name, value]) => `${name}="${value}"`).join(', ')}}`;
}

function graphFrame(target: Target, metric: Labels, points: Array<[number, number | null]>): DataFrame {
  const name = target.legendFormat ? renderLegendFormat(target.legendFormat, metric) : seriesName(metric);
  return toDataFrame({
    refId: target.refId,
    name,
    fields: [
      { name: 'Time', type: FieldType.time, values: points.map(([time]) => time * 1000), config: {} },
      { name: 'Value', type: FieldType.number, values: points.map(([, value]) => value), labels: metric, config: { displayNameFromDS: name } },
    ],
  });
}

/** A row for each series, a column for each label. */
function tableFrame(target: Target, result: Series[], several: boolean): DataFrame {
  const labels = [...new Set(result.flatMap((series) => Object.keys(series.metric)))].sort();
  const column = (label: string) => result.map((series) => series.metric[label] ?? '');
  return toDataFrame({
    refId: target.refId,
    fields: [
      { name: 'Time', type: FieldType.time, values: result.map((series) => series.value[0] * 1000), config: {} },
      ...labels.map((label) => ({ name: label, type: FieldType.string, values: column(label), config: {} })),
      { name: several ? `Value #${target.refId}` : 'Value', type: FieldType.number, values: result.map((series) => number(series.value[1])), config: {} },
    ],
  });
}

/** Cumulative buckets become one frame with a field for what is in each bucket alone. */
function heatmapFrames(frames: DataFrame[], target: Target): DataFrame[] {
  if (!frames.length) return [];
  const bound = (frame: DataFrame) => number(frame.fields[1].labels?.le ?? '+Inf');
  const sorted = [...frames].sort((a, b) => bound(a) - bound(b));
  const alone = (i: number) => (value: number | null, k: number) =>
    value == null ? null : i === 0 ? value : Math.max(0, value - (sorted[i - 1].fields[1].values[k] ?? 0));
  return [toDataFrame({
    refId: target.refId,
    fields: [
      { name: 'Time', type: FieldType.time, values: sorted[0].fields[0].values, config: {} },
      ...sorted.map((frame, i) => ({ name: String(bound(frame)), type: FieldType.number, values: frame.fields[1].values.map(alone(i)), config: {} })),
    ],
  })];
}
