// Tables.
import * as React from 'react';
import { TableNG } from '@grafana/ui/unstable';
import { settings } from '../fields';
import type { Props } from './index';

export const Table = ({ panel, frames, width, height, range }: Props) => (
  <TableNG data={frames[0]} width={width} height={height} noHeader={!panel.options.showHeader} resizable sortBy={panel.options.sortBy}
    cellHeight={panel.options.cellHeight} timeRange={range} fieldConfig={settings(panel)} structureRev={1} />
);
