// Lines, areas and bars over time.
import * as React from 'react';
import { TimeSeries } from '@grafana/ui';
import { timeZone } from '../fields';
import type { Props } from './index';

export const Graph = ({ panel, frames, width, height, range }: Props) => (
  <TimeSeries frames={frames} structureRev={1} width={width} height={height} timeRange={range} timeZone={timeZone} legend={panel.options.legend} options={panel.options}>
    {() => null}
  </TimeSeries>
);
