// Projects: credit, results, run times, work fetch.
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
  local recorded = config.dashboards.useRecordingRules,
  local toClient = g.link('Client ${__data.fields.Client}', d.url(config, 'client', 'var-client=${__data.fields.Client:percentencode}')),
  local clientColumn(width=120) = g.label('Client', 'client', g.width(width) + { links: [toClient] }),
  local projectColumn(width=190) = g.label('Project', 'project', g.width(width)),
  local errorSteps = [[null, 'green'], [0.05, 'orange'], [config.alerts.errorRatio, 'red']],
  // Credit of accounts within a day, by project and account.
  local accountDay = if recorded then 'project_user:boinc_project_user_credit:delta1d{project=~"$project"}' else e.named(e.accountCreditIn('1d', 'PSEL'), 'PSEL'),
  local hostDay(by) = if recorded then 'sum by (%s) (client_project:boinc_project_host_credit:delta1d{PSEL})' % by else e.hostCredit(by, 'PSEL', '1d'),

  local nowRow = [
    [g.row('Now')],
    [
      g.stat('Credit of accounts', 'Credit of all accounts, each counted once, in cobblestones. From boinc_project_user_credit.', [now('sum(%s)' % e.account('boinc_project_user_credit', 'PSEL'))])
      .withDefaults({ decimals: 2 }),
      4,
      4,
    ],
    [
      g.stat('Average a day', 'Recent average credit of all accounts, each counted once, in cobblestones a day, half-life a week. From boinc_project_user_average_credit.', [now('sum(%s)' % e.account('boinc_project_user_average_credit', 'PSEL'))])
      .withDefaults({ decimals: 1 }),
      4,
      4,
    ],
    [
      g.stat('Credit, 24 h', 'Credit that the accounts were granted in the last day, also for hosts that are not watched here; and that the watched hosts were. From boinc_project_user_credit and boinc_project_host_credit.', [
        now('sum(%s)' % e.accountCreditIn('1d', 'PSEL'), 'Accounts'),
        now('sum(delta(boinc_project_host_credit{PSEL}[1d]))', 'These hosts'),
      ])
      .withDefaults({ decimals: 1, color: g.fixed('green') }),
      4,
      4,
    ],
    [
      g.stat('Tasks, 24 h', 'Tasks that succeeded in the last day, and that failed or were aborted. From boinc_project_jobs_total.', [
        now('sum(increase(boinc_project_jobs_total{PSEL, outcome="success"}[1d]))', 'Succeeded'),
        now('sum(increase(boinc_project_jobs_total{PSEL, outcome="error"}[1d]))', 'Failed'),
      ], 'short')
      .withDefaults({ decimals: 0 })
      .withOverrides(g.colors({ Succeeded: 'green', Failed: 'orange' })),
      4,
      4,
    ],
    [
      g.stat('Failed, 24 h', 'Part of the tasks of the last day that failed or were aborted. A few per cent are usual. From boinc_project_jobs_total.', [
        now('sum(increase(boinc_project_jobs_total{PSEL, outcome="error"}[1d])) / (sum(increase(boinc_project_jobs_total{PSEL}[1d])) > 0)'),
      ], 'percentunit', g.steps(errorSteps))
      .withDefaults({ decimals: 1, noValue: 'none ended' }),
      4,
      4,
    ],
    [
      g.stat('Projects', 'Projects to which clients are attached, those whose scheduler failed to answer some client three times in a row, and those that have ended. From boinc_project_info, boinc_project_scheduler_rpc_failures and boinc_project_ended.', [
        now('count(count by (project_url) (boinc_project_info{PSEL}))', 'Attached'),
        now('count(max by (project_url) (boinc_project_scheduler_rpc_failures{PSEL}) >= 3) or vector(0)', 'Failing'),
        now('count(max by (project_url) (boinc_project_ended{PSEL}) == 1) or vector(0)', 'Ended'),
      ], 'none', g.warnIfAny)
      .withOverrides([g.named('Attached', { color: g.fixed('text') })]),
      4,
      4,
    ],
    [
      g.table('Projects', 'Every project: hosts attached, credit of accounts (each counted once), tasks of the last day, how long a task stays on a host from its arrival to its report (tasks present over tasks that end), and how contact goes at the client where it goes worst. From boinc_project_* and boinc_tasks.', [
        projectColumn(null),
        value('Hosts', 'count by (project) (boinc_project_info{PSEL})', 'none', g.width(65)),
        value('Credit', 'sum by (project) (%s)' % e.named(e.account('boinc_project_user_credit', 'PSEL'), 'PSEL'), 'short', g.width(95) + { decimals: 2 }),
        value('Average', 'sum by (project) (%s)' % e.named(e.account('boinc_project_user_average_credit', 'PSEL'), 'PSEL'), 'short', g.width(90) + { decimals: 1 }),
        value('24 h', 'sum by (project) (%s)' % e.named(e.accountCreditIn('1d', 'PSEL'), 'PSEL'), 'short', g.width(85) + { decimals: 1 }),
        value('7 days', 'sum by (project) (%s)' % e.named(e.accountCreditIn('7d', 'PSEL'), 'PSEL'), 'short', g.width(85) + { decimals: 1 }),
        value('Tasks here', 'sum by (project) (boinc_tasks{PSEL})', 'short', g.width(90) + { decimals: 0 }),
        value('Succeeded, 24 h', 'sum by (project) (increase(boinc_project_jobs_total{PSEL, outcome="success"}[1d]))', 'short', g.width(135) + { decimals: 0 }),
        value('Failed, 24 h', e.errorRatio('project', 'PSEL', '1d'), 'percentunit', g.width(95) + g.colored + { decimals: 1 } + g.thresholds([[null, 'text']] + errorSteps[1:])),
        value('Turnaround', 'sum by (project) (avg_over_time(boinc_tasks{PSEL}[1d])) / (sum by (project) (rate(boinc_project_jobs_total{PSEL}[1d])) > 0)', 's', g.width(95) + { decimals: 1 }),
        // Nobody expects a client to talk to a project of which it wants nothing.
        value('No contact for', 'max by (project) (%s unless on (%s, project_url) (boinc_project_suspended{PSEL} == 1 or boinc_project_no_new_tasks{PSEL} == 1))' % [query.ago('boinc_project_last_rpc_timestamp_seconds{PSEL}'), query.client], 's', g.width(115) + { decimals: 1 } + g.colored + g.thresholds([[null, 'text'], [172800, 'orange']])),
        value('Failures in a row', 'max by (project) (boinc_project_scheduler_rpc_failures{PSEL})', 'none', g.width(125) + g.colored + g.thresholds([[null, 'text'], [3, 'orange'], [config.alerts.projectRpcFailures, 'red']])),
        value('Ended', 'max by (project) (boinc_project_ended{PSEL})', 'none', g.width(70) + g.colored + g.shown({ '0': { text: 'no', color: 'text' }, '1': { text: 'yes', color: 'red' } })),
      ], 'Credit', true),
      24,
      8,
    ],
  ],

  local creditRow = [
    [g.row('Credit')],
    [
      g.graph('Credit a day, of accounts', 'Credit that accounts were granted within a day, each account counted once, in cobblestones. It comes when results are validated, days after they were computed. From boinc_project_user_credit.', [
        range('sum by (project) (%s)' % accountDay, '{{project}}'),
      ], stack=true, calcs=['mean', 'lastNotNull'], min=null, legend='right'),
      12,
      9,
    ],
    [
      g.graph('Credit a day, of hosts', 'The same by host, the fifteen that earn most. A host that falls to nothing while it computes produces invalid results. From boinc_project_host_credit.', [
        range('topk(15, %s)' % hostDay('client'), '{{client}}'),
      ], calcs=['mean', 'lastNotNull'], min=null, legend='right').lines,
      12,
      9,
    ],
    [
      g.graph('Average credit, of accounts', 'Recent average credit (RAC) of accounts, in cobblestones a day, half-life a week: a slow trend. From boinc_project_user_average_credit.', [
        range('sum by (project) (%s)' % e.named(e.account('boinc_project_user_average_credit', 'PSEL'), 'PSEL'), '{{project}}'),
      ], calcs=['min', 'max', 'lastNotNull'], legend='right').lines,
      12,
      9,
    ],
    [
      g.graph('Average credit, of hosts', 'Recent average credit (RAC) of hosts, the fifteen highest, in cobblestones a day. From boinc_project_host_average_credit.', [
        range('topk(15, sum by (client) (boinc_project_host_average_credit{PSEL}))', '{{client}}'),
      ], calcs=['min', 'max', 'lastNotNull'], legend='right').lines,
      12,
      9,
    ],
  ],

  local resultRow = [
    [g.row('Results')],
    [
      g.graph('Failed, of all', 'Part of the tasks of the last day that failed or were aborted, by project. A rise on all hosts: the project or a new version; on one: that host. From boinc_project_jobs_total.', [
        range(e.errorRatio('project', 'PSEL', '1d'), '{{project}}'),
      ], 'percentunit', calcs=['mean', 'max', 'lastNotNull'], legend='right')
      .lines
      .withDefaults({ custom+: { thresholdsStyle: { mode: 'dashed' }, axisSoftMax: 0.2 }, thresholds: g.steps([[null, 'transparent'], [config.alerts.errorRatio, 'red']]) }),
      12,
      8,
    ],
    [
      g.hourly('Reported tasks', 'Tasks that clients reported, by hour and outcome. From boinc_tasks_reported_total.', [
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
        value('Of all', '(sum by (client, project, app) (increase(boinc_tasks_reported_total{PSEL, outcome!="success"}[$__range])) >= 1) / sum by (client, project, app) (increase(boinc_tasks_reported_total{PSEL}[$__range]))', 'percentunit', g.colored { decimals: 1 } + g.thresholds([[null, 'text']] + errorSteps[1:])),
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
      g.heatmap('Run times', 'Run times of tasks that succeeded, by when they were reported: brighter is more. Two bands are two applications, or two kinds of host; a step is a new kind of work. From boinc_reported_task_elapsed_seconds.', [
        range('sum by (le) (increase(boinc_reported_task_elapsed_seconds_bucket{PSEL}[$__interval]))', '{{le}}') { format: 'heatmap' },
      ], 's') { interval: '1h' },
      8,
      11,
    ],
    [
      g.graph('Median run time, by application', 'Half of the tasks of the last day that succeeded ran longer. A step on all hosts: new work or a new version. Estimated from the buckets of boinc_reported_task_elapsed_seconds.', [
        range('histogram_quantile(0.5, sum by (project, app, le) (increase(boinc_reported_task_elapsed_seconds_bucket{PSEL}[1d])) > 0)', '{{project}}: {{app}}'),
      ], 's', calcs=['min', 'max', 'lastNotNull']).lines,
      8,
      11,
    ],
    [
      g.bars('CPU time of run time', 'CPU time over run time of reported tasks in the time range, by application. Far below 100 % of a CPU application: the host does something else, or tasks wait. Applications of GPUs are low by nature, those of several CPUs above 100 %. From boinc_tasks_reported_cpu_seconds_total and boinc_tasks_reported_elapsed_seconds_total.', [
        now('sum by (app) (increase(boinc_tasks_reported_cpu_seconds_total{PSEL}[$__range])) / (sum by (app) (increase(boinc_tasks_reported_elapsed_seconds_total{PSEL}[$__range])) > 0)', '{{app}}'),
      ], 'percentunit')
      .withDefaults({ max: 1, decimals: 0, color: g.fixed('green') }),
      8,
      11,
    ],
    [
      g.table('Mean run time, by application and host', 'Mean run time of the tasks that succeeded in the time range. From boinc_reported_task_elapsed_seconds.', [
        g.label('App', 'app'),
        g.label('Client', 'client'),
        value('Mean', 'sum by (app, client) (increase(boinc_reported_task_elapsed_seconds_sum{PSEL}[$__range])) / (sum by (app, client) (increase(boinc_reported_task_elapsed_seconds_count{PSEL}[$__range])) > 0)', 's'),
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
      g.hourly('Answers to work requests', 'What came of asking projects for work, by hour: tasks, or why not. From boinc_work_fetch_replies_total, which the exporter reads from the event log.', [
        range('sum by (reason) (increase(boinc_work_fetch_replies_total{PSEL}[$__interval])) > 0', '{{reason}}'),
      ])
      .withOverrides(g.colors(s.fetch)),
      12,
      9,
    ],
    [
      g.table('Share of work', "What part of the computing each project shall get on a host (its resource share), and what it gets by the client's estimate of credit (REC, half-life ten days). They agree over weeks, if the project has work. From boinc_project_resource_share and boinc_project_recent_estimated_credit.", [
        clientColumn(),
        projectColumn(),
        value('Wanted', 'max by (client, project) (boinc_project_resource_share{PSEL}) / on (client) group_left () (sum by (client) (boinc_project_resource_share{SEL}) > 0)', 'percentunit', g.gauge() + g.fixedColor('blue') + { decimals: 0 }),
        value('Got', 'max by (client, project) (boinc_project_recent_estimated_credit{PSEL}) / on (client) group_left () (sum by (client) (boinc_project_recent_estimated_credit{SEL}) > 0)', 'percentunit', g.gauge() + g.fixedColor('green') + { decimals: 0 }),
      ], 'Client'),
      12,
      9,
    ],
    [
      g.table('Contact', 'By client and project: last contact, the contact that the project asked for, how long the client may not ask again, how long it asks for no work because there was none, and failures in a row. From boinc_project_*.', [
        clientColumn(),
        projectColumn(null),
        value('Last', 'max by (client, project) (%s)' % query.ago('boinc_project_last_rpc_timestamp_seconds{PSEL}'), 's', g.width(95) + { decimals: 1 }),
        value('Asked for in', 'max by (client, project) (%s > 0)' % query.ahead('boinc_project_next_rpc_timestamp_seconds{PSEL}'), 's', g.width(110) + { decimals: 1 }),
        value('Not again for', 'max by (client, project) (%s > 0)' % query.ahead('boinc_project_min_rpc_timestamp_seconds{PSEL}'), 's', g.width(110) + g.colored + { decimals: 1 } + g.thresholds([[null, 'text'], [config.alerts.projectBackoffSeconds, 'orange']])),
        value('No CPU work for', 'max by (client, project) (%s > 0)' % query.ahead('boinc_project_resource_backoff_until_timestamp_seconds{PSEL, resource="CPU"}'), 's', g.width(125) + { decimals: 1 }),
        value('No GPU work for', 'max by (client, project) (%s > 0)' % query.ahead('boinc_project_resource_backoff_until_timestamp_seconds{PSEL, resource!="CPU"}'), 's', g.width(125) + { decimals: 1 }),
        value('Failures', 'max by (client, project) (boinc_project_scheduler_rpc_failures{PSEL})', 'none', g.width(90) + g.colored + g.thresholds([[null, 'text'], [3, 'orange'], [config.alerts.projectRpcFailures, 'red']])),
      ], 'Failures', true),
      24,
      9,
    ],
  ],

  grafanaDashboards+:: {
    'boinc-projects.json': d.dashboard(
      config,
      'projects',
      'Projects',
      'BOINC projects: credit of accounts and hosts, results and exit codes, run times, how work is fetched.',
      [d.job(config), d.client(config), d.project(config)],
      nowRow + creditRow + resultRow + timesRow + fetchRow,
      config.dashboards.projectsFrom
    ),
  },
}
