#!/usr/bin/env node
// Checks dashboards against Grafana's own types: a key that Grafana does not know, or a value that it does not, is an error.
//   node types.mjs DASHBOARD.json...
// Each part of a dashboard is written as a constant of TypeScript with the type that @grafana/schema generates for it.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const here = path.dirname(fileURLToPath(import.meta.url));
const raw = path.join(here, 'node_modules/@grafana/schema/dist/types/raw');
const types = (kind) => path.join(raw, 'composable', kind, 'panelcfg/x/types.gen');
const nameOf = (panelType) => panelType.replaceAll('-', '');

// JSON has the values of enums, and leaves out what is at its default.
const JSON_OF = `type Json<T> = T extends string ? \`\${T}\` : T extends number ? (\`\${T}\` extends \`\${infer N extends number}\` ? N : T)
  : T extends (infer U)[] ? Json<U>[] : T extends object ? { [K in keyof T]?: Json<T[K]> } : T;`;

/** Constants of TypeScript, and which part of the dashboard each line is. */
class Source {
  constructor(kinds) {
    this.lines = [
      `import type * as Dashboard from '${raw}/dashboard/x/types.gen';`,
      ...kinds.map((kind) => `import type * as ${kind} from '${types(kind)}';`),
      ...JSON_OF.split('\n'),
    ];
    this.parts = [];
  }

  add(part, type, value) {
    this.lines.push(`export const part${this.parts.length}: Json<${type}> =`);
    this.parts.push({ part, from: this.lines.length });
    this.lines.push(...`${JSON.stringify(value, null, 1)};`.split('\n'));
  }

  partOf(line) {
    return this.parts.findLast(({ from }) => from <= line)?.part ?? 'the imports';
  }
}

function addPanel(source, panel) {
  const { title, options, fieldConfig = {}, ...rest } = panel;
  const kind = nameOf(panel.type);
  const { defaults: { custom, ...defaults } = {}, ...others } = fieldConfig;
  if (defaults.thresholds) {
    // The first step is written as null in JSON, as -Infinity in code.
    defaults.thresholds = { ...defaults.thresholds, steps: defaults.thresholds.steps.map((step) => ({ ...step, value: step.value ?? 0 })) };
  }
  const part = `panel "${title}"`;
  if (options) source.add(`${part}: options`, `${kind}.Options`, options);
  if (custom) source.add(`${part}: fieldConfig.defaults.custom`, `${kind}.FieldConfig`, custom);
  source.add(`${part}: fieldConfig.defaults`, 'Dashboard.FieldConfig', defaults);
  source.add(part, 'Dashboard.Panel', { title, ...rest, fieldConfig: { defaults: {}, ...others } });
}

/** What an annotation asks is for its data source to know. */
const ofDataSource = ({ expr, titleFormat, tagKeys, ...annotation }) => annotation;

function sourceOf({ panels, templating, annotations, ...dashboard }) {
  const each = panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]).filter(({ type }) => type !== 'row');
  const source = new Source([...new Set(each.map(({ type }) => nameOf(type)))]);
  for (const panel of each) addPanel(source, panel);
  for (const variable of templating?.list ?? []) source.add(`variable ${variable.name}`, 'Dashboard.VariableModel', variable);
  source.add('dashboard', 'Dashboard.Dashboard', { ...dashboard, annotations: { list: annotations.list.map(ofDataSource) } });
  return source;
}

/** What the compiler says, without writing a file. */
function complaints(source) {
  const file = path.join(here, 'dashboard.ts');
  const text = source.lines.join('\n');
  const options = { strict: true, noEmit: true, skipLibCheck: true, target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, types: [] };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.getSourceFile = (name, version) => (name === file ? ts.createSourceFile(name, text, version) : getSourceFile.call(host, name, version));
  host.fileExists = (name) => name === file || fileExists.call(host, name);
  host.readFile = (name) => (name === file ? text : readFile.call(host, name));
  return ts.getPreEmitDiagnostics(ts.createProgram([file], options, host)).map((complaint) => {
    const line = complaint.file?.getLineAndCharacterOfPosition(complaint.start).line ?? 0;
    return `${source.partOf(line)}: ${source.lines[line].trim()} ${ts.flattenDiagnosticMessageText(complaint.messageText, ' ')}`;
  });
}

for (const file of process.argv.slice(2)) {
  for (const complaint of complaints(sourceOf(JSON.parse(fs.readFileSync(file, 'utf8'))))) {
    process.exitCode = 1;
    console.log(`${path.basename(file)}: ${complaint}`);
  }
}
