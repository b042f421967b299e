// Panels that reduce each series to a number.
import { getFieldDisplayValues } from '@grafana/data';
import { settings, theme, timeZone } from '../fields';
import type { Props } from './index';

export const numbers = ({ panel, frames, replaceVariables }: Props) => () =>
  getFieldDisplayValues({
    fieldConfig: settings(panel),
    reduceOptions: { calcs: ['lastNotNull'], values: false, fields: '', ...panel.options.reduceOptions },
    replaceVariables: replaceVariables as any,
    theme,
    data: frames,
    sparkline: panel.type === 'stat' && panel.options.graphMode !== 'none',
    timeZone,
  });
