// The exporter itself: what scrapes cost, what fails, and how old values are.
local d = import '../lib/dashboard.libsonnet';
local g = import '../lib/panels.libsonnet';
local query = import '../lib/query.libsonnet';
local s = import '../lib/states.libsonnet';

{
  local config = $._config,
  local q = query.forDashboard(config),
  // The exporter's own series have its address, and no client label.
  local own = query.join([config.selector, 'job=~"$job"', 'instance=~"$instance"']),
  local put(expr) = query.put(q(expr), 'OWN', own),
  local now(expr, legend='') = g.now(put(expr), legend),
  local range(expr, legend) = g.range(put(expr), legend),
  local value(name, expr, unit='short', properties={}) = g.value(name, put(expr), unit, properties),
  local toClient = g.link('Client ${__data.fields.Client}', d.url(config, 'client', 'var-client=${__data.fields.Client:percentencode}')),
  local clientColumn(width=130) = g.label('Client', 'client', g.width(width) + { links: [toClient] }),

  local nowRow = [
    [g.row('Now')],
    // With /probe, each client is a target too.
    [g.stat('Exporters', 'Exporters that answer Prometheus, and exporters that do not, but did within a day. From up and boinc_exporter_build_info.', [
      now('count(up{OWN} == 1 and on (job, instance) boinc_exporter_build_info{OWN}) or vector(0)', 'Up'),
      now('count(up{OWN} == 0 and on (job, instance) last_over_time(boinc_exporter_build_info{OWN}[1d])) or vector(0)', 'Down'),
    ], 'none', g.badIfAny).withOverrides([g.named('Up', { color: g.fixed('text') })]), 3, 4],
    [g.stat('Clients', 'Clients that answer the exporters, and clients that do not. From boinc_up.', [
      now('sum(boinc_up{SEL})', 'Up'),
      now('sum(1 - boinc_up{SEL})', 'Down'),
    ], 'none', g.warnIfAny).withOverrides([g.named('Up', { color: g.fixed('text') })]), 3, 4],
    [g.stat('Failing requests', 'Collectors whose last request failed although the client is up: no reply, or none that could be parsed. From boinc_scrape_collector_success.', [
      now('count((boinc_scrape_collector_success{SEL} == 0) unless ignoring (reason) (boinc_scrape_collector_error{SEL, reason="unsupported"} == 1) and ignoring (collector) (boinc_up{SEL} == 1)) or vector(0)'),
    ], 'none', g.warnIfAny), 3, 4],
    [g.stat('Slowest client', 'How long the slowest client took to poll. Near the time limit, its values are incomplete. From boinc_scrape_duration_seconds.', [
      now('max(boinc_scrape_duration_seconds{SEL})'),
    ], 's', g.steps([[null, 'green'], [2, 'orange'], [8, 'red']])).withDefaults({ decimals: 1 }), 3, 4],
    [g.stat('Configuration', 'Whether the last reload of the configuration succeeded. If not, the previous one is still active. From boinc_exporter_config_last_reload_successful.', [
      now('min(boinc_exporter_config_last_reload_successful{OWN})'),
    ], 'none').withDefaults({ mappings: g.mappings({ '0': { text: 'wrong', color: 'red' }, '1': { text: 'good', color: 'green' } }) }) { options+: { text: { valueSize: 32 } } }, 3, 4],
    [g.stat('Series', 'Samples per scrape, of all exporters together. From scrape_samples_scraped, which Prometheus adds.', [
      now('sum(scrape_samples_scraped{OWN})'),
    ]).withDefaults({ decimals: 1 }), 3, 4],
    [g.stat('Memory', 'RAM of the exporters. From process_resident_memory_bytes.', [
      now('sum(process_resident_memory_bytes{OWN} and on (job, instance) boinc_exporter_build_info{OWN})'),
    ], 'bytes').withDefaults({ decimals: 1 }), 3, 4],
    [g.stat('Version', 'Versions of the exporters. From boinc_exporter_build_info.', [
      now('count by (version) (boinc_exporter_build_info{OWN})', '{{version}}'),
    ], 'none').withDefaults({ color: g.fixed('text') }) { options+: { textMode: 'name', text: { valueSize: 24 } } }, 3, 4],
  ],

  local failRow = [
    [g.row('Failures')],
    [
      g.table('What fails', 'Clients and requests that failed in the last poll, and why. `boinc_exporter check` explains how to fix them. From boinc_scrape_error and boinc_scrape_collector_error.', [
        clientColumn(),
        g.label('Request', 'collector', g.width(150)),
        g.label('Reason', 'reason', g.colored + g.shown(s.errors)),
        g.labels(put('max by (client, collector, reason) ((boinc_scrape_collector_error{SEL, reason!="unsupported"} == 1) unless ignoring (collector, reason) (boinc_up{SEL} == 0) or label_replace((boinc_scrape_error{SEL} == 1) and ignoring (reason) (boinc_up{SEL} == 0), "collector", "all", "", ""))')),
      ], 'Client')
      .withDefaults({ noValue: 'nothing fails' }),
      8,
      9,
    ],
    [
      g.graph('Failing clients by reason', 'Clients for which anything failed in a poll, by reason. From boinc_scrape_error.', [
        range('sum by (reason) (boinc_scrape_error{SEL}) > 0', '{{reason}}'),
      ], 'none', stack=true, calcs=['max', 'lastNotNull'])
      .withDefaults({ decimals: 0, noValue: 'nothing failed' })
      .withOverrides(g.series(std.mapWithKey(function(reason, color) s.errors[reason] { color: color }, {
        refused: 'red',
        unreachable: 'dark-red',
        unresolved: 'super-light-red',
        timeout: 'orange',
        host_denied: 'purple',
        unauthorized: 'light-purple',
        wrong_password: 'dark-purple',
        password_file: 'super-light-purple',
        data_directory: 'super-light-yellow',
        server_error: 'yellow',
        unsupported: 'dark-orange',
        truncated: 'light-orange',
        too_large: 'light-yellow',
        parse: 'dark-yellow',
        not_asked: 'super-light-orange',
        file_descriptors: 'light-red',
        internal: 'blue',
      }))),
      8,
      9,
    ],
    [
      g.table('Not understood or left out', 'Elements of replies that the exporter does not know (for example from a newer BOINC) or cannot read, and items that have no series because of a limit. From boinc_scrape_unknown_elements, boinc_scrape_unreadable_values and boinc_scrape_dropped_series.', [
        clientColumn(),
        g.label('Request', 'collector'),
        value('Unknown', 'max by (client, collector) (boinc_scrape_unknown_elements{SEL}) > 0', 'none', g.width(80)),
        value('Unreadable', 'max by (client, collector) (boinc_scrape_unreadable_values{SEL}) > 0', 'none', g.width(100) + g.colored + g.thresholds([[null, 'text'], [1, 'orange']])),
        value('Left out', 'max by (client, collector) (boinc_scrape_dropped_series{SEL}) > 0', 'none', g.width(80) + g.colored + g.thresholds([[null, 'text'], [1, 'orange']])),
      ], 'Client')
      .withDefaults({ noValue: '–' }),
      8,
      9,
    ],
  ],

  local costRow = [
    [g.row('Cost')],
    [
      g.graph('Scrapes', 'How long each scrape took; if one scrape covers all clients, it takes as long as the slowest client. From scrape_duration_seconds, which Prometheus adds.', [
        range('max by (job, instance) (scrape_duration_seconds{OWN})', '{{job}} {{instance}}'),
      ], 's', calcs=['mean', 'max', 'lastNotNull'], legend='right').lines,
      12,
      8,
    ],
    [
      g.graph('Slowest clients', 'How long polling a client took, for the ten slowest. A rise means that the client, its disk or the network is slow. From boinc_scrape_duration_seconds.', [
        range('topk(10, max by (client) (boinc_scrape_duration_seconds{SEL}))', '{{client}}'),
      ], 's', calcs=['mean', 'max', 'lastNotNull'], legend='right').lines,
      12,
      8,
    ],
    [
      g.graph('Slowest requests', 'How long each kind of request took, at the slowest client. disk_usage makes the client walk over all files of all projects. From boinc_scrape_collector_duration_seconds.', [
        range('max by (collector) (boinc_scrape_collector_duration_seconds{SEL})', '{{collector}}'),
      ], 's', calcs=['mean', 'max', 'lastNotNull'], legend='right').lines,
      12,
      8,
    ],
    [
      g.graph('Series', 'Samples per scrape. From scrape_samples_scraped, which Prometheus adds.', [
        range('sum by (job) (scrape_samples_scraped{OWN})', '{{job}}'),
      ], calcs=['min', 'max', 'lastNotNull'], legend='right'),
      12,
      8,
    ],
    [
      g.graph('Oldest values', 'Age of the values that are kept for longer than a scrape, by kind of request, at the client where they are oldest. Requests that are expensive for the client are sent rarely on purpose, down to once a day. From boinc_scrape_collector_last_success_timestamp_seconds.', [
        range('max by (collector) (time() - boinc_scrape_collector_last_success_timestamp_seconds{SEL} >= 0)', '{{collector}}'),
      ], 's', calcs=['max', 'lastNotNull'], legend='right').lines,
      24,
      8,
    ],
  ],

  local ofExporter(metric) = '%s{OWN} and on (job, instance) boinc_exporter_build_info{OWN}' % metric,
  local processRow = [
    [g.row('Process')],
    [
      g.graph('Memory', 'RAM of the exporter: a few megabytes, and a little more for each client. From process_resident_memory_bytes.', [
        range('max by (instance) (%s)' % ofExporter('process_resident_memory_bytes'), '{{instance}}'),
      ], 'bytes'),
      8,
      8,
    ],
    [
      g.graph('CPU', 'CPU time of the exporter, as a share of one CPU. From process_cpu_seconds_total.', [
        range('max by (instance) (rate(process_cpu_seconds_total{OWN}[$__rate_interval]) and on (job, instance) boinc_exporter_build_info{OWN})', '{{instance}}'),
      ], 'percentunit'),
      8,
      8,
    ],
    [
      g.table('Exporters', 'Every exporter: its version, when it started, and when its active configuration was loaded. From boinc_exporter_build_info, boinc_exporter_config_last_reload_success_timestamp_seconds and process_start_time_seconds.', [
        g.label('Exporter', 'instance'),
        g.label('Version', 'version', g.width(80)),
        g.labels(put('max by (instance, version) (boinc_exporter_build_info{OWN})')),
        value('Started', 'max by (instance) (%s) * 1000' % ofExporter('process_start_time_seconds'), 'dateTimeFromNow', g.width(120)),
        value('Configured', 'max by (instance) (boinc_exporter_config_last_reload_success_timestamp_seconds{OWN}) * 1000', 'dateTimeFromNow', g.width(120)),
      ], 'Exporter'),
      8,
      8,
    ],
  ],

  grafanaDashboards+:: {
    'boinc-exporter.json': d.dashboard(
      config,
      'exporter',
      'Exporter',
      'The BOINC exporter itself: what scrapes cost, what fails, and how old values are.',
      [d.jobOfExporter(config), d.instance(config)] + d.clients(config),
      nowRow + failRow + costRow + processRow
    ),
  },
}
