// Panels as plain Grafana JSON (schemaVersion 42).
local datasource = { type: 'prometheus', uid: '${datasource}' };
// Grafana's headings for the columns of a legend.
local headings = { min: 'Min', mean: 'Mean', max: 'Max', lastNotNull: 'Last *', sum: 'Total' };
local letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

{
  local g = self,
  datasource:: datasource,

  // --- Queries

  // A range query, for graphs.
  range(expr, legend):: {
    datasource: datasource,
    expr: expr,
    legendFormat: legend,
    format: 'time_series',
    editorMode: 'code',
    range: true,
    instant: false,
  },
  // An instant query, for numbers and tables.
  now(expr, legend='', format='time_series'):: {
    datasource: datasource,
    expr: expr,
    legendFormat: legend,
    format: format,
    editorMode: 'code',
    range: false,
    instant: true,
  },

  // --- Parts of panels

  steps(list):: { mode: 'absolute', steps: [{ value: s[0], color: s[1] } for s in list] },
  plain:: g.steps([[null, 'text']]),
  badIfAny:: g.steps([[null, 'green'], [1, 'red']]),
  warnIfAny:: g.steps([[null, 'green'], [1, 'orange']]),

  // Properties of the field or series with this name.
  named(name, properties):: g.matched('byName', name, properties),
  matched(matcher, options, properties):: {
    matcher: { id: matcher, options: options },
    properties: [{ id: id, value: properties[id] } for id in std.objectFields(properties)],
  },
  fixed(color):: { mode: 'fixed', fixedColor: color },
  // A colour for each series, from { name: colour }.
  colors(byName):: [g.named(name, { color: g.fixed(byName[name]) }) for name in std.objectFields(byName)],
  // The same with display names, from { name: { text, color } }.
  series(states, prefix=''):: [
    g.named(name, { color: g.fixed(states[name].color), displayName: prefix + states[name].text })
    for name in std.objectFields(states)
  ],
  // Other names for series, from { name: text }; `format` is the name of the series with %s in it.
  renamed(texts, format='%s'):: [g.named(format % name, { displayName: format % texts[name] }) for name in std.objectFields(texts)],
  // How values are shown, from { value: { text, color } }.
  mappings(states):: [{
    type: 'value',
    options: {
      [keys[i]]: states[keys[i]] { index: i }
      for keys in [std.objectFields(states)]
      for i in std.range(0, std.length(keys) - 1)
    },
  }],
  link(title, url):: { title: title, url: url, targetBlank: false },

  // --- Panels

  panel(type, title, description, targets, unit):: {
    type: type,
    title: title,
    description: description,
    datasource: datasource,
    targets: std.mapWithIndex(function(i, t) t { refId: letters[i] }, targets),
    fieldConfig: { defaults: { unit: unit, noValue: '–' }, overrides: [] },
    options: {},
    // Available on any panel.
    withOverrides(list):: self { fieldConfig+: { overrides+: list } },
    withDefaults(defaults):: self { fieldConfig+: { defaults+: defaults } },
    withLinks(list):: self { fieldConfig+: { defaults+: { links: list } } },
    // Lines without the area below, for panels with many lines.
    lines:: self { fieldConfig+: { defaults+: { custom+: { fillOpacity: 0 } } } },
    withTransformations(list):: self { transformations: list },
  },

  // Lines over time; stacked areas if the values add up.
  graph(title, description, targets, unit='short', stack=false, min=0, calcs=['mean', 'max', 'lastNotNull'], legend='bottom')::
    local names(label) = std.foldl(function(any, t) any || std.length(std.findSubstr('{{%s}}' % label, t.legendFormat)) > 0, targets, false);
    g.panel('timeseries', title, description, targets, unit) {
      fieldConfig+: {
        defaults+: {
          [if min != null then 'min']: min,
          // By name, the same name has the same colour on all panels, but two names may have one colour. Where there may be many, no
          // two have: they are coloured in their order, in which Prometheus sorts them by name.
          color: { mode: if names('project') || names('client') || names('app') || names('instance') then 'palette-classic' else 'palette-classic-by-name' },
          custom: {
            fillOpacity: if stack then 30 else 10,
            lineWidth: 1,
            showPoints: 'never',
            spanNulls: false,
            [if min == null then 'axisSoftMin']: 0,
            stacking: { mode: if stack then 'normal' else 'none', group: 'A' },
          },
        },
      },
      options: {
        legend: { displayMode: 'table', placement: legend, showLegend: true, calcs: calcs, sortBy: headings[calcs[std.length(calcs) - 1]], sortDesc: true },
        tooltip: { mode: 'multi', sort: 'desc' },
      },
    },

  // Events per hour, or per longer interval if the time range is long: increases over $__interval.
  hourly(title, description, targets, unit='none', legend='right')::
    g.graph(title, description, targets, unit, stack=true, calcs=['sum'], legend=legend) {
      interval: '1h',
      // Fewer and wider bars over weeks.
      maxDataPoints: 100,
      fieldConfig+: { defaults+: { decimals: 0, custom+: { drawStyle: 'bars', fillOpacity: 80, lineWidth: 0 } } },
    },

  // Large numbers.
  stat(title, description, targets, unit='short', thresholds=g.plain, graph='none')::
    g.panel('stat', title, description, targets, unit) {
      fieldConfig+: { defaults+: { color: { mode: 'thresholds' }, thresholds: thresholds } },
      options: {
        colorMode: 'value',
        graphMode: graph,
        justifyMode: 'auto',
        orientation: 'auto',
        textMode: 'auto',
        wideLayout: true,
        reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      },
    },

  // Horizontal bars.
  bars(title, description, targets, unit='short', thresholds=g.plain)::
    g.panel('bargauge', title, description, targets, unit) {
      fieldConfig+: { defaults+: { min: 0, color: { mode: 'thresholds' }, thresholds: thresholds } },
      options: {
        displayMode: 'basic',
        orientation: 'horizontal',
        showUnfilled: true,
        valueMode: 'color',
        namePlacement: 'left',
        sizing: 'auto',
        minVizHeight: 16,
        minVizWidth: 8,
        reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      },
    },

  // States over time, with text and colour of each from { value: { text, color } }.
  timeline(title, description, targets, states)::
    g.panel('state-timeline', title, description, targets, 'none') {
      fieldConfig+: {
        defaults+: {
          color: { mode: 'thresholds' },
          thresholds: g.plain,
          mappings: g.mappings(states),
          custom: { fillOpacity: 80, lineWidth: 0 },
        },
      },
      options: {
        alignValue: 'left',
        legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
        mergeValues: true,
        rowHeight: 0.85,
        showValue: 'auto',
        tooltip: { mode: 'single', sort: 'none' },
        perPage: 20,
      },
    },

  // A histogram over time.
  heatmap(title, description, targets, unit)::
    g.panel('heatmap', title, description, targets, 'short') {
      maxDataPoints: 100,
      options: {
        calculate: false,
        cellGap: 1,
        color: { mode: 'scheme', scheme: 'Oranges', exponent: 0.5, steps: 64, reverse: false, fill: 'dark-orange', scale: 'exponential' },
        yAxis: { axisPlacement: 'left', reverse: false, unit: unit },
        legend: { show: true },
        rowsFrame: { layout: 'auto' },
        filterValues: { le: 1e-9 },
        exemplars: { color: 'rgba(255,0,255,0.7)' },
        tooltip: { mode: 'single', yHistogram: false, showColorScale: false },
      },
    },

  // --- Tables

  // A column of a table: a label of the queries (label), or the value of a query (expr). All queries of a table share the
  // labels that identify a row; a query with an additional label adds that label as text.
  label(name, label, properties={}):: { name: name, label: label, properties: properties },
  value(name, expr, unit='short', properties={}):: { name: name, expr: expr, properties: { unit: unit } + properties },
  // A query used only for its label or labels, which become columns; its value is hidden.
  text(name, label, expr, properties={}):: { name: name, label: label, expr: expr, hidden: true, properties: properties },

  labels(expr):: { expr: expr, hidden: true },

  // A column without a width takes the remaining space.
  width(pixels):: if pixels == null then {} else { 'custom.width': pixels },
  background:: { 'custom.cellOptions': { type: 'color-background', mode: 'basic' } },
  // Text in the colour of a mapping or threshold; without one, as usual.
  colored:: { 'custom.cellOptions': { type: 'color-text' }, color: { mode: 'thresholds' }, thresholds: g.plain },
  gauge(max=1):: { 'custom.cellOptions': { type: 'gauge', mode: 'basic', valueDisplayMode: 'text' }, min: 0, max: max },
  fixedColor(color):: { color: g.fixed(color) },
  thresholds(list):: { color: { mode: 'thresholds' }, thresholds: g.steps(list) },
  // Time left: red below zero, orange below `short`, and the colour `enough` above that or if there is no value.
  timeLeft(enough, short=3600):: g.thresholds([[null, 'red'], [0, 'orange'], [short, enough]]) + g.dash(enough),
  // A count that must not be zero.
  orangeIfNone:: g.colored + g.thresholds([[null, 'orange'], [1, 'text']]) + g.dash('text'),
  // The colour where there is no value: that of the lowest threshold would be wrong.
  dash(color):: { mappings: [{ type: 'special', options: { match: 'null', result: { text: '–', color: color, index: 0 } } }] },
  shown(states):: { mappings: g.mappings(states) },
  // The same from { value: text }.
  texts(byValue):: g.shown({ [value]: { text: byValue[value] } for value in std.objectFields(byValue) }),

  table(title, description, columns, sort=null, descending=false, hide=[], first=[])::
    local queries = [c for c in columns if 'expr' in c];
    local shown = [c for c in columns if 'name' in c];
    // Grafana's name for the value of a query.
    local field(column) =
      if std.length(queries) > 1 then 'Value #' + letters[std.find(column, queries)[0]] else 'Value';
    local source(column) = if 'label' in column then column.label else field(column);
    g.panel('table', title, description, [g.now(c.expr, format='table') for c in queries], 'short') {
      fieldConfig: {
        defaults: { noValue: '–', custom: { align: 'auto', filterable: false, inspect: false } },
        overrides: [g.named(c.name, c.properties) for c in shown if c.properties != {}],
      },
      options: {
        showHeader: true,
        cellHeight: 'sm',
        [if sort != null then 'sortBy']: first + [{ displayName: sort, desc: descending }],
      },
      transformations: (if std.length(queries) > 1 then [{ id: 'merge', options: {} }] else []) + [{
        id: 'organize',
        options: {
          excludeByName: { [name]: true for name in ['Time'] + hide + [field(c) for c in queries if 'hidden' in c] },
          indexByName: { [source(shown[i])]: i for i in std.range(0, std.length(shown) - 1) },
          renameByName: { [source(c)]: c.name for c in shown },
          includeByName: {},
        },
      }],
    },

  row(title, collapsed=false):: { type: 'row', title: title, collapsed: collapsed, panels: [] },
}
