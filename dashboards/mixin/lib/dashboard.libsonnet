// A dashboard as plain Grafana JSON: variables, links, the grid.
local g = import 'panels.libsonnet';
local query = import 'query.libsonnet';

{
  // A variable with the values of a label. Each variable is filtered by those before it.
  variable(name, label, query):: {
    name: name,
    label: label,
    type: 'query',
    datasource: g.datasource,
    query: { query: query, refId: 'PrometheusVariableQueryEditor-VariableQuery', qryType: 5 },
    multi: true,
    includeAll: true,
    allValue: '.+',
    refresh: 2,
    sort: 1,
    hide: 0,
    regex: '',
    options: [],
    current: { selected: true, text: ['All'], value: ['$__all'] },
  },
  // The same, with a single value.
  single(name, label, query):: $.variable(name, label, query) {
    multi: false,
    includeAll: false,
    allValue:: null,
    current: {},
  },

  // A variable that nobody chooses: it has all values of its query, escaped for regular expressions.
  hidden(name, query):: $.variable(name, name, query) { hide: 2, allValue:: null },

  // A text that is typed at the top of the dashboard.
  text(name, label, value):: {
    name: name,
    label: label,
    type: 'textbox',
    query: value,
    hide: 0,
    options: [{ selected: true, text: value, value: value }],
    current: { text: value, value: value },
  },

  // Jobs, clients and projects, each filtered by those before it.
  local among(config, metric, matchers) =
    local list = query.join([config.selector] + matchers);
    metric + (if list == '' then '' else '{%s}' % list),
  job(config):: $.variable('job', 'Job', 'label_values(%s, job)' % among(config, 'boinc_up', [])),
  // If clients are scraped one by one, the exporters' own metrics are in a separate job.
  jobOfExporter(config)::
    local both = '__name__=~"boinc_up|boinc_exporter_build_info"';
    $.variable('job', 'Job', 'label_values({%s}, job)' % query.join([config.selector, both])),
  instance(config):: $.variable('instance', 'Instance', 'label_values(%s, instance)' % among(config, 'up', ['job=~"$job"'])),
  // Clients of the chosen groups. Only boinc_client_info has the user's labels, so a group narrows the choice of clients, and where
  // all of these are chosen, queries leave out `others`: the clients of other groups. They are none if no group is chosen; a list of
  // those chosen would make each query long. The dashboards Project server and Batches have no group: they are about what is the same for
  // all clients.
  group(config)::
    local label = config.groupLabel;
    $.variable('group', std.asciiUpper(label[0]) + label[1:], 'label_values(%s, %s)' % [among(config, 'boinc_client_info', ['job=~"$job"']), label]) {
      // Those without the label, too.
      allValue: '.*',
    },
  // As of now: label_values would also find clients that were in another group within the time range.
  others(config)::
    local info = among(config, 'boinc_client_info', ['job=~"$job"', '%s!~"$group"' % config.groupLabel]);
    $.hidden('others', 'query_result(count by (client) (%s))' % info) { regex: '/client="(.*?)"[,}]/' },
  client(config, kind=$.variable)::
    local info = among(config, 'boinc_client_info', ['job=~"$job"', '%s=~"$group"' % config.groupLabel]);
    kind('client', 'Client', 'label_values(%s, client)' % info),
  // All that chooses several clients, for queries of query.forDashboard.
  clients(config):: [$.group(config), $.others(config), $.client(config)],
  // The client that was chosen, for regular expressions: Grafana does not escape a variable with a single value.
  computer(config):: $.hidden('computer', 'label_values(%s, client)' % among(config, 'boinc_up', ['job=~"$job"', 'client="$client"'])),
  // What a kilowatt-hour costs.
  price(config):: $.text('price', 'Price of a kWh', config.kilowattHourPrice),
  project(config)::
    $.variable('project', 'Project', 'label_values(%s, project)' % among(config, 'boinc_project_info', ['job=~"$job"', query.clients])),
  // Projects whose servers are watched, and the jobs that scrape exporters which do that, and clients.
  jobOfServers(config, metric)::
    $.variable('job', 'Job', 'label_values(%s, job)' % among(config, metric, [])),
  jobOfServersAndClients(config)::
    $.variable('job', 'Job', 'label_values({%s}, job)' % query.join([config.selector, '__name__=~"boinc_up|boinc_server_collector_success"'])),
  projectOfServers(config, metric)::
    $.variable('project', 'Project', 'label_values(%s, project)' % among(config, metric, ['job=~"$job"'])),

  local datasource = {
    name: 'datasource',
    label: 'Data source',
    type: 'datasource',
    query: 'prometheus',
    current: {},
    hide: 0,
    refresh: 1,
    regex: '',
    options: [],
    includeAll: false,
    multi: false,
  },

  // Places panels [panel, width, height] from left to right, in lines of 24 columns. A row takes a whole line; the panels of
  // a collapsed row are inside it.
  local place(items) =
    local step(at, item) =
      local panel = item[0];
      local isRow = panel.type == 'row';
      local width = if isRow then 24 else item[1];
      local height = if isRow then 1 else item[2];
      local wrap = isRow || at.x + width > 24;
      local x = if wrap then 0 else at.x;
      local y = if wrap then at.y + at.height else at.y;
      local placed = panel { id: at.id, gridPos: { x: x, y: y, w: width, h: height } };
      local rows = at.panels;
      local last = std.length(rows) - 1;
      local inside = !isRow && last >= 0 && rows[last].type == 'row' && rows[last].collapsed;
      {
        id: at.id + 1,
        x: x + width,
        y: y,
        height: if wrap then height else std.max(at.height, height),
        panels:
          if inside then rows[:last] + [rows[last] { panels+: [placed] }]
          else rows + [placed],
      };
    std.foldl(step, items, { id: 1, x: 0, y: 0, height: 0, panels: [] }).panels,

  dashboard(config, name, title, description, variables, items, from=config.dashboards.from):: {
    uid: config.dashboards.uids[name],
    title: config.dashboards.titlePrefix + title,
    description: description,
    tags: config.dashboards.tags,
    schemaVersion: 42,
    editable: false,
    graphTooltip: 1,
    timezone: 'browser',
    refresh: config.dashboards.refresh,
    time: { from: from, to: 'now' },
    timepicker: {},
    weekStart: '',
    fiscalYearStartMonth: 0,
    annotations: {
      list: [
        {
          builtIn: 1,
          datasource: { type: 'grafana', uid: '-- Grafana --' },
          enable: true,
          hide: true,
          iconColor: 'rgba(0, 211, 255, 1)',
          name: 'Annotations & Alerts',
          type: 'dashboard',
        },
        {
          datasource: g.datasource,
          enable: false,
          expr: 'ALERTS{alertname=~"Boinc.+", alertstate="firing"}',
          iconColor: 'red',
          name: 'Alerts',
          tagKeys: 'client,project',
          titleFormat: '{{alertname}}',
        },
      ],
    },
    links: [{
      type: 'dashboards',
      title: 'BOINC',
      tags: config.dashboards.tags,
      asDropdown: true,
      includeVars: true,
      keepTime: true,
      targetBlank: false,
      icon: 'external link',
      tooltip: '',
      url: '',
    }],
    templating: { list: [datasource] + variables },
    panels: place(items),
  },

  // The clients that are chosen, for the URL of another dashboard on which clients are.
  chosen:: '${job:queryparam}&${group:queryparam}&${client:queryparam}',
  // URL of a dashboard, with the data source and time range of the linking dashboard.
  url(config, name, variables)::
    '/d/%s?${datasource:queryparam}&%s&${__url_time_range}' % [config.dashboards.uids[name], variables],
}
