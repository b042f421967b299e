// Step and interval variables of a query, by the rules of Grafana's Prometheus data source.
import { rangeUtil, TimeRange } from '@grafana/data';

/** Prometheus refuses more points than this in a series. */
const MOST_POINTS = 11000;

export interface Intervals { step: number; variables: Record<string, string> }

const duration = (seconds: number) => (Number.isInteger(seconds) ? `${seconds}s` : `${Math.round(seconds * 1000)}ms`);

export function intervals(range: TimeRange, points: number, minimum: string | undefined, scrape: number): Intervals {
  const seconds = (range.to.valueOf() - range.from.valueOf()) / 1000;
  const least = minimum ? rangeUtil.intervalToMs(minimum) / 1000 : scrape;
  const wanted = rangeUtil.calculateInterval(range, points, `${Math.max(least * 1000, 1)}ms`).intervalMs / 1000;
  const step = Math.max(wanted, seconds / MOST_POINTS, least);
  const rate = Math.max(step + scrape, 4 * scrape);
  return {
    step,
    variables: {
      __interval: duration(step),
      __interval_ms: String(step * 1000),
      __rate_interval: duration(rate),
      __range: duration(Math.round(seconds)),
      __range_s: String(Math.round(seconds)),
      __range_ms: String(Math.round(seconds * 1000)),
    },
  };
}
