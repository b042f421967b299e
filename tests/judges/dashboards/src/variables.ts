// Variables of a dashboard: their values, and how they are put into queries and titles.
import { TimeRange } from '@grafana/data';
import { Variable } from './model';
import { labelValues, queryResult } from './prometheus';
import { report } from './report';

export interface Value { values: string[]; text: string; all: boolean; several: boolean; allValue?: string }
export type Values = Record<string, Value>;

const VARIABLE = /\$(\w+)|\$\{(\w+)(?::(\w+))?\}/g;
const QUERY_RESULT = /^query_result\((.+)\)$/s;
const LABEL_VALUES = /^label_values\((.+),\s*(\w+)\)$/s;

// As Grafana's Prometheus data source does.
const escaped = (text: string) => text.replace(/\\/g, '\\\\').replace(/'/g, "\\\\'");
const escapedInRegex = (text: string) => text.replace(/\\/g, '\\\\\\\\').replace(/[$^*{}[\]'+?.()|]/g, '\\\\$&');

function inQuery(value: Value): string {
  if (value.all && value.allValue) return value.allValue;
  if (!value.several) return escaped(value.values[0] ?? '');
  const parts = value.values.map(escapedInRegex);
  return parts.length === 1 ? parts[0] : `(${parts.join('|')})`;
}

const inText = (value: Value) => (value.values.length > 1 ? value.values.join(' + ') : (value.values[0] ?? ''));

/** Puts values in the place of variables. Unknown ones stay, and shoot.mjs finds them if they can be seen. */
export function interpolate(text: string, values: Values, more: Record<string, string> = {}, query = false): string {
  return text.replace(VARIABLE, (whole, plain, braced, format) => {
    const name = plain ?? braced;
    if (name in more) return more[name];
    const value = values[name];
    if (!value) return whole;
    if (format === 'percentencode') return encodeURIComponent(inText(value));
    if (format === 'queryparam') return value.values.map((each) => `var-${name}=${encodeURIComponent(each)}`).join('&');
    return query ? inQuery(value) : inText(value);
  });
}

/** Values of all variables, one after the other: each may use those before it. `chosen` comes from the page's address. */
export async function resolve(list: Variable[], range: TimeRange, chosen: URLSearchParams): Promise<Values> {
  const values: Values = {};
  for (const variable of list) {
    if (variable.type === 'datasource') {
      values[variable.name] = { values: ['prometheus'], text: 'Prometheus', all: false, several: false };
    } else if (variable.type === 'textbox') {
      const text = chosen.get(`var-${variable.name}`) ?? variable.query;
      values[variable.name] = { values: [text], text, all: false, several: false };
    } else if (variable.type === 'query') {
      values[variable.name] = choose(variable, await options(variable, values, range), chosen.getAll(`var-${variable.name}`));
    } else {
      report.problems.push(`variable ${variable.name}: variables of type ${variable.type} are not supported here`);
    }
  }
  return values;
}

function choose(variable: Variable, found: string[], chosen: string[]): Value {
  // A label that nobody need set, and the clients without it.
  const needed = variable.allValue !== '.*' && variable.name !== 'others';
  if (!found.length && needed) report.problems.push(`variable ${variable.name} has no values`);
  const strange = chosen.filter((value) => !found.includes(value));
  if (strange.length) report.problems.push(`variable ${variable.name} has no value ${strange.join(', ')}`);
  const all = !chosen.length && !!variable.includeAll;
  const values = chosen.length ? chosen : all ? found : found.slice(0, 1);
  const text = all ? 'All' : values.join(' + ');
  return { values, text, all, several: !!variable.multi || !!variable.includeAll, allValue: variable.allValue };
}

async function options(variable: Variable, values: Values, range: TimeRange): Promise<string[]> {
  const query = interpolate(variable.query?.query ?? '', values, {}, true);
  const [parts, result] = [LABEL_VALUES.exec(query.trim()), QUERY_RESULT.exec(query.trim())];
  if (!parts && !result) {
    report.problems.push(`variable ${variable.name}: this query is not supported here: ${query}`);
    return [];
  }
  try {
    if (result) {
      const texts = await queryResult(result[1], range);
      return texts.flatMap((text) => new RegExp(variable.regex!.replaceAll('/', '')).exec(text)?.[1] ?? []);
    }
    return (await labelValues(parts![1], parts![2], range)).sort((a, b) => a.localeCompare(b));
  } catch (error) {
    report.problems.push(`variable ${variable.name}: ${error}`);
    return [];
  }
}
