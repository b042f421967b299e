// Bars beside each other.
import * as React from 'react';
import { getDisplayValueAlignmentFactors } from '@grafana/data';
import { BarGauge, VizRepeater } from '@grafana/ui';
import { theme } from '../fields';
import type { Props } from './index';
import { numbers } from './values';

const SPACING = 10;

export function Bars(props: Props) {
  const { panel, frames, width, height } = props;
  const options = panel.options;
  const renderValue = ({ value, alignmentFactors, width, height, orientation, count }: any) => (
    <BarGauge value={{ ...value.display, title: count === 1 ? '' : value.display.title }} width={width} height={height} orientation={orientation}
      field={value.field} text={options.text} display={value.view?.getFieldDisplayProcessor(value.colIndex)} theme={theme} itemSpacing={SPACING}
      lcdCellWidth={12} displayMode={options.displayMode} alignmentFactors={count > 1 ? alignmentFactors : undefined}
      showUnfilled={options.showUnfilled} valueDisplayMode={options.valueMode} namePlacement={options.namePlacement} />
  );
  return (
    <VizRepeater getValues={numbers(props)} getAlignmentFactors={getDisplayValueAlignmentFactors} width={width} height={height} source={frames}
      itemSpacing={SPACING} renderCounter={1} orientation={options.orientation} minVizHeight={options.minVizHeight} minVizWidth={options.minVizWidth}
      renderValue={renderValue} />
  );
}
