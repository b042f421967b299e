// Projects: credit, results, run times and work fetch.
local d = import '../lib/dashboard.libsonnet';
local e = import '../lib/expressions.libsonnet';
local g = import '../lib/panels.libsonnet';
local query = import '../lib/query.libsonnet';
local s = import '../lib/states.libsonnet';

{
  local config = $._config,
  local q = query.forDashboard(config),
  local range(expr, legend) = g.range(q(expr), legend),
  local now(expr, legend='') = g.now(q(expr), legend),
  local value(name, expr, unit='short', properties={}) = g.value(name, q(expr), unit, properties),
  local fetch = (import '../lib/fetch.libsonnet')(q),
  local unreachable = e.unreachable('PSEL', config.alerts.projectUnreachableHours, 'SEL'),
  local recorded = config.dashboards.useRecordingRules,
  local toClient = g.link('Client ${__data.fields.Client}', d.url(config, 'client', 'var-client=${__data.fields.Client:percentencode}')),
  local clientColumn(width=120) = g.label('Client', 'client', g.width(width) + { links: [toClient] }),
  local projectColumn(width=190) = g.label('Project', 'project', g.width(width)),
  local errorSteps = [[null, 'green'], [0.05, 'orange'], [config.alerts.errorRatio, 'red']],
  // Credit of accounts within a day, by project and account.
  local accountDay = if recorded then 'project_user:boinc_project_user_credit:delta1d{project=~"$project"}' else e.named(e.accountCreditIn(1, 'PSEL'), 'PSEL'),
  local hostDay(by) = if recorded then 'sum by (%s) (client_project:boinc_project_host_credit:delta1d{PSEL})' % by else e.hostCredit(by, 'PSEL', '1d'),

  local nowRow = [
    [g.row('Now')],
    [
      g.stat('Credit of accounts', 'Total credit of all accounts, each counted once, in cobblestones. From boinc_project_user_credit.', [now('sum(%s)' % e.account('boinc_project_user_credit', 'PSEL'))])
      .withDefaults({ decimals: 2 }),
      4,
      4,
    ],
    [
      g.stat('Average a day', 'Recent average credit of all accounts, each counted once, in cobblestones per day, with a half-life of one week. From boinc_project_user_average_credit.', [now('sum(%s)' % e.account('boinc_project_user_average_credit', 'PSEL'))])
      .withDefaults({ decimals: 1 }),
      4,
      4,
    ],
    [
      g.stat('Credit, 24 h', 'Credit granted in the last day: to the accounts, including their hosts that are not watched here, and to the watched hosts. From boinc_project_user_credit and boinc_project_host_credit.', [
        now('sum(%s)' % e.accountCreditIn(1, 'PSEL'), 'Accounts'),
        now('sum(delta(boinc_project_host_credit{PSEL}[1d]))', 'These hosts'),
      ])
      .withDefaults({ decimals: 1, color: g.fixed('green') }),
      4,
      4,
    ],
    [
      g.stat('Tasks, 24 h', 'Tasks reported in the last day that succeeded, and tasks that failed or were aborted. From boinc_tasks_reported_total.', [
        now('sum(increase(boinc_tasks_reported_total{PSEL, outcome="success"}[1d]))', 'Succeeded'),
        now(e.failed('', 'PSEL', '1d'), 'Failed'),
      ], 'short')
      .withDefaults({ decimals: 0 })
      .withOverrides(g.colors({ Succeeded: 'green', Failed: 'orange' })),
      4,
      4,
    ],
    [
      g.stat('Failed, 24 h', 'Share of the tasks reported in the last day that failed or were aborted. A few per cent are normal. From boinc_tasks_reported_total.', [
        now(e.errorRatio('', 'PSEL', '1d')),
      ], 'percentunit', g.steps(errorSteps))
      .withDefaults({ decimals: 1, noValue: 'none reported' }),
      4,
      4,
    ],
    [
      g.stat('Projects', 'Projects that clients are attached to, projects that a client could not reach for %d hours although it tried, and projects that have ended. A project counts once, whether by http or by https. From boinc_project_info, boinc_project_last_rpc_timestamp_seconds, boinc_work_fetch_replies_total and boinc_project_ended.' % config.alerts.projectUnreachableHours, [
        now(e.projects('boinc_project_info{PSEL}'), 'Attached'),
        now(e.projects(unreachable) + ' or vector(0)', 'Unreachable'),
        now(e.projects('boinc_project_ended{PSEL} == 1') + ' or vector(0)', 'Ended'),
      ], 'none', g.warnIfAny)
      .withOverrides([g.named('Attached', { color: g.fixed('text') })]),
      4,
      4,
    ],
    [
      g.table('Projects', 'Every project: attached hosts, credit of accounts (each counted once), tasks of the last day, turnaround from receiving a task to reporting it (tasks present divided by the rate of reported tasks), and contact at the client where it is worst. From boinc_project_*, boinc_tasks, boinc_tasks_reported_total and boinc_work_fetch_replies_total.', [
        projectColumn(null),
        value('Hosts', 'count by (project) (boinc_project_info{PSEL})', 'none', g.width(65)),
        value('Credit', 'sum by (project) (%s)' % e.named(e.account('boinc_project_user_credit', 'PSEL'), 'PSEL'), 'short', g.width(95) + { decimals: 2 }),
        value('RAC', 'sum by (project) (%s)' % e.named(e.account('boinc_project_user_average_credit', 'PSEL'), 'PSEL'), 'short', g.width(115) + { decimals: 1 }),
        value('24 h', 'sum by (project) (%s)' % e.named(e.accountCreditIn(1, 'PSEL'), 'PSEL'), 'short', g.width(85) + { decimals: 1 }),
        value('7 days', 'sum by (project) (%s)' % e.named(e.accountCreditIn(7, 'PSEL'), 'PSEL'), 'short', g.width(85) + { decimals: 1 }),
        value('Tasks', 'sum by (project) (boinc_tasks{PSEL})', 'short', g.width(90) + { decimals: 0 }),
        value('Succeeded, 24 h', 'sum by (project) (increase(boinc_tasks_reported_total{PSEL, outcome="success"}[1d]))', 'short', g.width(135) + { decimals: 0 }),
        value('Failed, 24 h', e.errorRatio('project', 'PSEL', '1d'), 'percentunit', g.width(95) + g.colored + { decimals: 1 } + g.thresholds([[null, 'text']] + errorSteps[1:])),
        value('Turnaround', 'sum by (project) (avg_over_time(boinc_tasks{PSEL}[1d])) / (sum by (project) (rate(boinc_tasks_reported_total{PSEL}[1d])) > 0)', 's', g.width(95) + { decimals: 1 }),
        // A client is not expected to contact a project from which it wants no work.
        value('No contact for', 'max by (project) (%s unless (boinc_project_suspended{PSEL} == 1 or boinc_project_no_new_tasks{PSEL} == 1))' % query.ago('boinc_project_last_rpc_timestamp_seconds{PSEL}'), 's', g.width(115) + { decimals: 1 } + g.colored + g.thresholds([[null, 'text'], [172800, 'orange']])),
        value('Failed contacts, 24 h', 'max by (project) (%s)' % e.contactsFailed('client, project', 'PSEL', '1d'), 'none', g.width(150) + g.colored + { decimals: 0 } + g.thresholds([[null, 'text'], [3, 'orange'], [10, 'red']])),
        value('Ended', 'max by (project) (boinc_project_ended{PSEL})', 'none', g.width(70) + g.colored + g.shown({ '0': { text: 'no', color: 'text' }, '1': { text: 'yes', color: 'red' } })),
      ], 'Credit', true),
      24,
      8,
    ],
  ],

  local creditRow = [
    [g.row('Credit')],
    [
      g.graph('Daily account credit', 'Credit granted to accounts within a day, each account counted once, in cobblestones. It is granted when results are validated, days after they were computed. From boinc_project_user_credit.', [
        range('sum by (project) (%s)' % accountDay, '{{project}}'),
      ], stack=true, calcs=['mean', 'lastNotNull'], min=null, legend='right'),
      12,
      9,
    ],
    [
      g.graph('Daily host credit', 'The same by host, for the fifteen that earn the most. A host that drops to zero while it computes is producing invalid results. From boinc_project_host_credit.', [
        range('topk(15, %s)' % hostDay('client'), '{{client}}'),
      ], calcs=['mean', 'lastNotNull'], min=null, legend='right').lines,
      12,
      9,
    ],
    [
      g.graph('Average account credit', 'Recent average credit (RAC) of accounts, in cobblestones per day, with a half-life of one week: a slow trend. From boinc_project_user_average_credit.', [
        range('sum by (project) (%s)' % e.named(e.account('boinc_project_user_average_credit', 'PSEL'), 'PSEL'), '{{project}}'),
      ], calcs=['min', 'max', 'lastNotNull'], legend='right').lines,
      12,
      9,
    ],
    [
      g.graph('Average host credit', 'Recent average credit (RAC) of the fifteen highest hosts, in cobblestones per day. From boinc_project_host_average_credit.', [
        range('topk(15, sum by (client) (boinc_project_host_average_credit{PSEL}))', '{{client}}'),
      ], calcs=['min', 'max', 'lastNotNull'], legend='right').lines,
      12,
      9,
    ],
  ],

  local resultRow = [
    [g.row('Results')],
    [
      g.graph('Failure ratio', 'Share of the tasks reported in the last day that failed or were aborted, by project. If it rises on all hosts, suspect the project or a new version; if on one, suspect that host. From boinc_tasks_reported_total.', [
        range(e.errorRatio('project', 'PSEL', '1d'), '{{project}}'),
      ], 'percentunit', calcs=['mean', 'max', 'lastNotNull'], legend='right')
      .lines
      .withDefaults({ custom+: { thresholdsStyle: { mode: 'dashed' }, axisSoftMax: 0.2 }, thresholds: g.steps([[null, 'transparent'], [config.alerts.errorRatio, 'red']]) }),
      12,
      8,
    ],
    [
      g.hourly('Reported tasks', 'Tasks that clients reported, per hour, by outcome. From boinc_tasks_reported_total.', [
        range('sum by (outcome) (increase(boinc_tasks_reported_total{PSEL}[$__interval]))', '{{outcome}}'),
      ])
      .withOverrides(g.colors(s.outcome)),
      12,
      8,
    ],
    [
      g.table('Failing applications', 'Applications whose tasks failed or were aborted in the time range, by client. From boinc_tasks_reported_total.', [
        clientColumn(),
        projectColumn(),
        g.label('App', 'app'),
        value('Succeeded', 'sum by (client, project, app) (increase(boinc_tasks_reported_total{PSEL, outcome="success"}[$__range])) and (sum by (client, project, app) (increase(boinc_tasks_reported_total{PSEL, outcome!="success"}[$__range])) >= 1)', 'none', g.width(90) + { decimals: 0 }),
        value('Failed', 'sum by (client, project, app) (increase(boinc_tasks_reported_total{PSEL, outcome!="success"}[$__range])) >= 1', 'none', g.width(80) + { decimals: 0 }),
        value('Ratio', '(sum by (client, project, app) (increase(boinc_tasks_reported_total{PSEL, outcome!="success"}[$__range])) >= 1) / sum by (client, project, app) (increase(boinc_tasks_reported_total{PSEL}[$__range]))', 'percentunit', g.colored { decimals: 1 } + g.thresholds([[null, 'text']] + errorSteps[1:])),
      ], 'Failed', true)
      .withDefaults({ noValue: '–' }),
      15,
      8,
    ],
    [
      g.table('Exit codes', "How failed and aborted tasks ended in the time range, by application. 1 to 191 are the application's own, the others BOINC's. From boinc_tasks_reported_exit_status_total.", [
        g.label('App', 'app'),
        g.label('Exit status', 'exit_status', g.width(190) + g.shown(s.exitStatus)),
        value('Tasks', 'sum by (app, exit_status) (increase(boinc_tasks_reported_exit_status_total{PSEL, exit_status!="0"}[$__range])) >= 1', 'none', g.width(70) + { decimals: 0 }),
        value('Clients', 'count by (app, exit_status) (sum by (client, app, exit_status) (increase(boinc_tasks_reported_exit_status_total{PSEL, exit_status!="0"}[$__range])) >= 1)', 'none', g.width(75) + { decimals: 0 }),
      ], 'Tasks', true)
      .withDefaults({ noValue: 'none' }),
      9,
      8,
    ],
  ],

  local timesRow = [
    [g.row('Run times')],
    [
      g.heatmap('Run times', 'Run times of successful tasks, by the time they were reported; brighter means more. Two bands mean two applications or two kinds of host; a step means a new kind of work. From boinc_tasks_reported_run_time_seconds.', [
        range('sum by (le) (increase(boinc_tasks_reported_run_time_seconds_bucket{PSEL}[$__interval]))', '{{le}}') { format: 'heatmap' },
      ], 's') { interval: '1h' },
      8,
      11,
    ],
    [
      g.graph('Median run time by application', 'Half of the successful tasks of the last day ran longer. A step on all hosts means new work or a new version. Estimated from the buckets of boinc_tasks_reported_run_time_seconds.', [
        // Without the empty buckets the median would be wrong, so what has no tasks is left out afterwards.
        range('histogram_quantile(0.5, sum by (project, app, le) (increase(boinc_tasks_reported_run_time_seconds_bucket{PSEL}[1d]))) and on (project, app) sum by (project, app) (increase(boinc_tasks_reported_run_time_seconds_count{PSEL}[1d])) > 0', '{{project}}: {{app}}'),
      ], 's', calcs=['min', 'max', 'lastNotNull']).lines,
      8,
      11,
    ],
    [
      g.bars('CPU time / run time', 'CPU time divided by run time of reported tasks in the time range, by application. If a CPU application is far below 100 %, the host is busy with something else, or tasks wait. GPU applications are normally low, and applications that use several CPUs are above 100 %. From boinc_tasks_reported_cpu_seconds_total and boinc_tasks_reported_elapsed_seconds_total.', [
        now('sum by (app) (increase(boinc_tasks_reported_cpu_seconds_total{PSEL}[$__range])) / (sum by (app) (increase(boinc_tasks_reported_elapsed_seconds_total{PSEL}[$__range])) > 0)', '{{app}}'),
      ], 'percentunit')
      .withDefaults({ max: 1, decimals: 0, color: g.fixed('green') }),
      8,
      11,
    ],
    [
      g.table('Mean run time by application and host', 'Mean run time of the successful tasks in the time range. From boinc_tasks_reported_run_time_seconds.', [
        g.label('App', 'app'),
        g.label('Client', 'client'),
        value('Mean', 'sum by (app, client) (increase(boinc_tasks_reported_run_time_seconds_sum{PSEL}[$__range])) / (sum by (app, client) (increase(boinc_tasks_reported_run_time_seconds_count{PSEL}[$__range])) > 0)', 's'),
      ])
      .withTransformations([
        { id: 'groupingToMatrix', options: { columnField: 'client', rowField: 'app', valueField: 'Value', emptyValue: 'null' } },
        { id: 'organize', options: { renameByName: { 'app\\client': 'App' }, excludeByName: {}, indexByName: {}, includeByName: {} } },
      ]) {
        fieldConfig+: { defaults+: { unit: 's', decimals: 1, custom+: { wrapHeaderText: true } }, overrides: [g.named('App', g.width(170))] },
      },
      24,
      9,
    ],
  ],

  local fetchRow = [
    [g.row('Work fetch')],
    [
      fetch.requests('PSEL'),
      6,
      9,
    ],
    [
      fetch.reasons('PSEL'),
      8,
      9,
    ],
    [
      g.table('Share of work', "The share of computing that each project should get on a host (its resource share), and what it gets by the client's credit estimate (REC, with a half-life of ten days). Over weeks the two agree if the project has work. From boinc_project_resource_share and boinc_project_recent_estimated_credit.", [
        clientColumn(),
        projectColumn(),
        value('Wanted', 'max by (client, project) (boinc_project_resource_share{PSEL}) / on (client) group_left () (sum by (client) (max by (client, project) (boinc_project_resource_share{SEL})) > 0)', 'percentunit', g.gauge() + g.fixedColor('blue') + { decimals: 0 }),
        value('Got', 'max by (client, project) (boinc_project_recent_estimated_credit{PSEL}) / on (client) group_left () (sum by (client) (max by (client, project) (boinc_project_recent_estimated_credit{SEL})) > 0)', 'percentunit', g.gauge() + g.fixedColor('green') + { decimals: 0 }),
      ], 'Client'),
      10,
      9,
    ],
    [
      g.table('Contact', 'By client and project: time since the last contact, time until the contact that the project asked for, how long none is allowed, how long the client asks for no work because there was none, and contacts that failed in the last day. From boinc_project_* and boinc_work_fetch_replies_total.', [
        clientColumn(),
        projectColumn(null),
        value('Last', 'max by (client, project) (%s)' % query.ago('boinc_project_last_rpc_timestamp_seconds{PSEL}'), 's', g.width(95) + { decimals: 1 }),
        value('Next due in', 'max by (client, project) (%s > 0)' % query.ahead('boinc_project_next_rpc_timestamp_seconds{PSEL}'), 's', g.width(110) + { decimals: 1 }),
        value('No contact allowed for', 'max by (client, project) (%s > 0)' % query.ahead('boinc_project_min_rpc_timestamp_seconds{PSEL}'), 's', g.width(110) + g.colored + { decimals: 1 } + g.thresholds([[null, 'text'], [config.alerts.projectBackoffSeconds, 'orange']])),
        value('Asks for no CPU work for', 'max by (client, project) (%s > 0)' % query.ahead('boinc_project_resource_backoff_until_timestamp_seconds{PSEL, resource="CPU"}'), 's', g.width(125) + { decimals: 1 }),
        value('Asks for no GPU work for', 'max by (client, project) (%s > 0)' % query.ahead('boinc_project_resource_backoff_until_timestamp_seconds{PSEL, resource!="CPU"}'), 's', g.width(125) + { decimals: 1 }),
        value('Failed, 24 h', e.contactsFailed('client, project', 'PSEL', '1d') + ' > 0', 'none', g.width(115) + g.colored + { decimals: 0 } + g.thresholds([[null, 'text'], [3, 'orange'], [10, 'red']])),
      ], 'Failed, 24 h', true)
      .withDefaults({ custom+: { wrapHeaderText: true } }),
      24,
      9,
    ],
  ],

  grafanaDashboards+:: {
    'boinc-projects.json': d.dashboard(
      config,
      'projects',
      'Projects',
      'BOINC projects: credit of accounts and hosts, results and exit codes, run times and work fetch.',
      [d.job(config)] + d.clients(config) + [d.project(config)],
      nowRow + creditRow + resultRow + timesRow + fetchRow,
      config.dashboards.projectsFrom
    ),
  },
}
