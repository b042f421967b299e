// Units, colours, overrides and transformations: Grafana's own code, with what its server side would register.
import {
  applyFieldOverrides, createTheme, DataFrame, dataLinksOverrideProcessor, displayNameOverrideProcessor, FieldConfigOptionsRegistry, getFieldDisplayName, getValueFormats, identityOverrideProcessor,
  numberOverrideProcessor, standardFieldConfigEditorRegistry, standardTransformers, standardTransformersRegistry, thresholdsOverrideProcessor, toDataFrame, transformDataFrame,
  unitOverrideProcessor, valueMappingsOverrideProcessor,
} from '@grafana/data';
import { lastValueFrom } from 'rxjs';
import { Dashboard, Panel, allPanels } from './model';
import { report } from './report';

export const page = new URLSearchParams(location.search);
export const theme = createTheme({ colors: { mode: page.get('theme') === 'light' ? 'light' : 'dark' } });
export const timeZone = 'utc';

const processors: Record<string, any> = {
  unit: unitOverrideProcessor, min: numberOverrideProcessor, max: numberOverrideProcessor, decimals: numberOverrideProcessor,
  displayName: displayNameOverrideProcessor, noValue: displayNameOverrideProcessor, color: identityOverrideProcessor,
  mappings: valueMappingsOverrideProcessor, thresholds: thresholdsOverrideProcessor, links: dataLinksOverrideProcessor,
  actions: identityOverrideProcessor, filterable: identityOverrideProcessor, fieldMinMax: identityOverrideProcessor,
};

const nothing = (() => null) as any;
const property = (id: string, process: any, path = id, isCustom = false): any =>
  ({ id, path, name: id, isCustom, process, shouldApply: () => true, settings: {}, editor: nothing, override: nothing });
const standard = () => Object.entries(processors).map(([id, process]) => property(id, process));

/** Knows every property that a field can have; `custom.` ones are checked by types.mjs. */
class Properties extends FieldConfigOptionsRegistry {
  constructor(private readonly custom: string[]) { super(); }

  getIfExists(id: string | undefined): any {
    if (!id) return undefined;
    if (processors[id]) return property(id, processors[id]);
    if (id.startsWith('custom.')) return property(id, identityOverrideProcessor, id.slice('custom.'.length), true);
    report.problems.push(`no property of a field is called ${id}`);
    return undefined;
  }

  get(id: string): any { return this.getIfExists(id); }

  list(): any[] { return [...standard(), ...this.custom.map((key) => property(`custom.${key}`, identityOverrideProcessor, key, true))]; }
}

export function register(): void {
  standardFieldConfigEditorRegistry.setInit(standard);
  const each = new Map(Object.values(standardTransformers).map((transformer: any) => [transformer.id, transformer]));
  standardTransformersRegistry.setInit(() =>
    [...each.values()].map((transformer: any) => ({ id: transformer.id, name: transformer.name, transformation: () => Promise.resolve(transformer), editor: nothing })) as any);
}

/** What Grafana's panels have where the dashboard says nothing. */
const visible = { tooltip: false, viz: false, legend: false };
const customDefaults: Record<string, any> = {
  timeseries: {
    drawStyle: 'line', lineInterpolation: 'linear', lineWidth: 1, fillOpacity: 0, gradientMode: 'none', barAlignment: 0, showPoints: 'auto',
    pointSize: 5, spanNulls: false, insertNulls: false, axisPlacement: 'auto', axisLabel: '', axisColorMode: 'text', axisBorderShow: false,
    axisCenteredZero: false, scaleDistribution: { type: 'linear' }, hideFrom: visible, stacking: { mode: 'none', group: 'A' }, thresholdsStyle: { mode: 'off' },
  },
  'state-timeline': { lineWidth: 0, fillOpacity: 70, spanNulls: false, insertNulls: false, hideFrom: visible },
  table: { align: 'auto', inspect: false, cellOptions: { type: 'auto' }, filterable: false, minWidth: 50 },
};

/** The panel's settings, with Grafana's defaults. */
export function settings(panel: Panel): any {
  const { defaults = {}, overrides = [] } = panel.fieldConfig ?? {};
  const thresholds = defaults.thresholds ?? { mode: 'absolute', steps: [{ value: null, color: 'green' }] };
  // JSON has no infinity: the first step is written as null.
  const steps = thresholds.steps.map((step: any) => ({ ...step, value: step.value ?? -Infinity }));
  return {
    defaults: {
      color: { mode: panel.type === 'timeseries' ? 'palette-classic' : 'thresholds' },
      ...defaults,
      thresholds: { ...thresholds, steps },
      custom: { ...customDefaults[panel.type], ...defaults.custom },
    },
    overrides,
  };
}

/** What the panel draws, from what the queries gave. */
export async function shape(panel: Panel, answers: DataFrame[], replaceVariables: (text: string) => string): Promise<DataFrame[]> {
  let frames = answers;
  const transformations = (panel.transformations ?? []).filter((each) => !each.disabled);
  const unknown = transformations.filter(({ id }) => !standardTransformersRegistry.getIfExists(id));
  if (unknown.length) throw new Error(`unknown transformation ${unknown.map(({ id }) => id).join(', ')}`);
  if (transformations.length) frames = await lastValueFrom(transformDataFrame(transformations, frames, { interpolate: replaceVariables } as any));
  const fieldConfig = settings(panel);
  const fieldConfigRegistry = new Properties(Object.keys(fieldConfig.defaults.custom));
  frames = applyFieldOverrides({ data: frames.map((frame) => toDataFrame(frame)), fieldConfig, replaceVariables: replaceVariables as any, theme, timeZone, fieldConfigRegistry });
  for (const frame of frames) for (const field of frame.fields) field.state = { ...field.state, displayName: getFieldDisplayName(field, frame, frames) };
  return frames;
}

const FREE_UNITS = /^(suffix|prefix|si|time|currency|count|bool):/;

/** Grafana shows an unknown unit as text behind the number, and says nothing. */
export function checkUnits(dashboard: Dashboard): void {
  const known = new Set(getValueFormats().flatMap((group) => group.submenu?.map(({ value }) => value) ?? []));
  for (const panel of allPanels(dashboard)) {
    const overrides = (panel.fieldConfig?.overrides ?? []).flatMap((override) => override.properties).filter(({ id }: any) => id === 'unit');
    for (const unit of [panel.fieldConfig?.defaults?.unit, ...overrides.map(({ value }: any) => value)]) {
      if (unit && !known.has(unit) && !FREE_UNITS.test(unit)) report.problems.push(`panel "${panel.title}": unknown unit ${unit}`);
    }
  }
}
