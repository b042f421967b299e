// PromQL with placeholders: SEL stands for the matchers of a dashboard or rule, PSEL for the same plus the project.
{
  // The non-empty matchers, as written between braces.
  join(matchers):: std.join(', ', std.filter(function(m) m != '', matchers)),

  // Replaces a placeholder with matchers.
  put(expr, word, matchers)::
    if matchers != '' then std.strReplace(expr, word, matchers)
    else std.strReplace(std.strReplace(std.strReplace(expr, '{' + word + '}', ''), word + ', ', ''), word, ''),

  // Queries of a dashboard on which several clients can be selected.
  forDashboard(config):: $.forDashboardOf(config, $.clients),
  // See dashboard.libsonnet.
  clients:: 'client=~"$client", client!~"$others"',
  // Queries of the dashboard of a single client. Grafana escapes a variable for regular expressions only if it can have several
  // values.
  forClient(config):: $.forDashboardOf(config, 'client="$client"'),
  forDashboardOf(config, client)::
    local sel = $.join([config.selector, 'job=~"$job"', client]);
    function(expr) $.put($.put(expr, 'PSEL', sel + ', project=~"$project"'), 'SEL', sel),

  // Queries of a dashboard about projects' servers, on which several projects can be selected. CSEL stands for all clients: they
  // may call a project otherwise, so that its URL has to tell.
  forServers(config)::
    local clients = $.join([config.selector, 'job=~"$job"']);
    function(expr) $.put($.put(expr, 'CSEL', clients), 'SEL', clients + ', project=~"$project"'),

  // Expressions of a rule.
  forRule(config):: function(expr) $.put(expr, 'SEL', config.selector),

  // As a YAML block of lines, which needs no quotes.
  block(expr):: std.stripChars(expr, ' \n') + '\n',

  // The labels that identify a client among all scraped series.
  client:: 'job, instance, client',

  // The labels of metrics about a client that the client itself does not have. Joins ignore these instead of naming those in
  // common: then they also respect labels that nobody told the mixin about.
  own:: 'project, project_url, task, resource, activity, direction, priority',

  // How far ahead a time is, by the client's own clock, which may be wrong.
  ahead(metric)::
    '%s - ignoring (%s) group_left () boinc_client_clock_timestamp_seconds{SEL}' % [metric, $.own],
  // How long ago it was. Absent if it is in the future: then a clock was wrong.
  ago(metric):: '-(%s) >= 0' % $.ahead(metric),
}
