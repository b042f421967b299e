// Large numbers.
import * as React from 'react';
import { getDisplayValueAlignmentFactors, VizOrientation } from '@grafana/data';
import { BigValue, VizRepeater } from '@grafana/ui';
import { theme } from '../fields';
import type { Props } from './index';
import { numbers } from './values';

export function Stat(props: Props) {
  const { panel, frames, width, height } = props;
  const options = panel.options;
  const renderValue = ({ value, alignmentFactors, width, height, count }: any) => (
    <BigValue value={value.display} count={count} sparkline={value.sparkline} colorMode={options.colorMode} graphMode={options.graphMode}
      justifyMode={options.justifyMode} textMode={options.textMode} alignmentFactors={alignmentFactors} text={options.text}
      width={width} height={height} theme={theme} disableWideLayout={!options.wideLayout} />
  );
  return (
    <VizRepeater getValues={numbers(props)} getAlignmentFactors={getDisplayValueAlignmentFactors} width={width} height={height} source={frames}
      itemSpacing={3} renderCounter={1} autoGrid orientation={VizOrientation.Auto} renderValue={renderValue} />
  );
}
