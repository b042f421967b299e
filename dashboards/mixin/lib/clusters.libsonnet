// Adds _config.clusterLabels to rendered dashboards, alerts and rules: external labels that tell sites or clusters apart. They
// become part of what identifies a client: of each `on` and `by` that names job, instance or client, of variables, legends,
// columns and links. Accounts and projects are the same at all sites.
function(config) {
  local labels = config.clusterLabels,
  local identity = ['job', 'instance', 'client'],
  // std.any is newer than jsonnet 0.18.
  local any(list) = std.foldl(function(found, each) found || each, list, false),
  local title(label) = std.asciiUpper(label[0]) + label[1:],
  local each(format) = std.join('', [format(l) for l in labels]),

  // `by (client)` becomes `by (cluster, client)`. Lists begin with these labels if they have them; looking into lists would take
  // minutes.
  local grouped(text) = std.foldl(
    function(t, begin) std.strReplace(t, begin[0] + begin[1], begin[0] + std.join(', ', labels) + ', ' + begin[1]),
    [[word, label] for word in ['by (', 'on ('] for label in identity],
    text
  ),
  local matchers = std.join(', ', ['%s=~"$%s"' % [l, l] for l in labels]) + ', ',
  local query(text) =
    local chosen = std.strReplace(grouped(text), 'job=~"$job"', matchers + 'job=~"$job"');
    local ofMachine = std.strReplace(chosen, config.machine, matchers + config.machine);
    std.strReplace(ofMachine, config.machineOfDcgm, matchers + config.machineOfDcgm),
  local legend(text) =
    std.foldl(function(t, l) std.strReplace(t, '{{%s}}' % l, each(function(c) '{{%s}} ' % c) + '{{%s}}' % l), ['client', 'instance'], text),
  local links(text) =
    local after(text, link, format) = std.strReplace(text, link, link + each(format));
    local ofTable = after(text, 'var-client=${__data.fields.Client:percentencode}', function(l) '&var-%s=${__data.fields.%s:percentencode}' % [l, title(l)]);
    local ofSeries = after(ofTable, 'var-client=${__field.labels.client:percentencode}', function(l) '&var-%s=${__field.labels.%s:percentencode}' % [l, l]);
    after(ofSeries, '${client:queryparam}', function(l) '&${%s:queryparam}' % l),

  // Columns after that of the client.
  local columns(options) =
    if std.objectHas(options, 'indexByName') && std.objectHas(options.indexByName, 'client') then
      options {
        indexByName+: { [labels[i]]: options.indexByName.client + (i + 1) / 100 for i in std.range(0, std.length(labels) - 1) },
        renameByName+: { [l]: title(l) for l in labels },
      }
    else options,
  // A matrix has room for one label: it adds sites up.
  local isMatrix(value) = std.objectHas(value, 'transformations') && any([t.id == 'groupingToMatrix' for t in value.transformations]),

  local within(value, matrix=false) =
    if std.isArray(value) then [within(v, matrix) for v in value]
    else if !std.isObject(value) then value
    else {
      [key]:
        local v = value[key];
        if (key == 'expr' || key == 'query') && std.isString(v) then
          if matrix then std.strReplace(v, 'job=~"$job"', matchers + 'job=~"$job"') else query(v)
        else if key == 'url' then links(v)
        else if key == 'legendFormat' then legend(v)
        else if key == 'options' && std.isObject(v) then within(columns(v), matrix)
        else within(v, matrix || isMatrix(value))
      for key in std.objectFields(value)
    },

  // An exporter may have clients, projects, or both.
  local list = '{%s}' % std.join(', ', (if config.selector == '' then [] else [config.selector]) + ['__name__=~"boinc_up|boinc_server_collector_success"']),
  local variables = [
    (import 'dashboard.libsonnet').variable(l, title(l), 'label_values(%s, %s)' % [list, l])
    for l in labels
  ],

  dashboard(value)::
    if labels == [] then value
    else within(value) + {
      local of = super.templating.list,
      templating+: { list: [of[0]] + variables + of[1:] },
    },

  rule(value)::
    if labels == [] then value
    else value { expr: grouped(super.expr) } + if !std.objectHas(value, 'annotations') then {} else {
      annotations+: {
        [name]: std.strReplace(
          std.strReplace(value.annotations[name], '{job=%q', '{' + each(function(l) l + '=%q, ') + 'job=%q'),
          '` $labels.job',
          '` ' + each(function(l) '$labels.%s ' % l) + '$labels.job'
        )
        for name in ['summary', 'description']
      } + {
        dashboard_url: std.strReplace(
          value.annotations.dashboard_url,
          'var-client={{ $labels.client | urlquery }}',
          'var-client={{ $labels.client | urlquery }}' + each(function(l) '&var-%s={{ $labels.%s | urlquery }}' % [l, l])
        ),
      },
    },
}
