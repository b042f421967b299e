// All clients: what is up, idle, failing or late, and what they earn.
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
  local toClient = g.link('Client ${__data.fields.Client}', d.url(config, 'client', 'var-client=${__data.fields.Client:percentencode}')),
  local toClientOfSeries = g.link('Client ${__field.labels.client}', d.url(config, 'client', 'var-client=${__field.labels.client:percentencode}')),
  local toProject = g.link('Project ${__data.fields.Project}', d.url(config, 'projects', d.chosen + '&var-project=${__data.fields.Project:percentencode}')),
  local toTasks = g.link('Tasks', d.url(config, 'tasks', d.chosen)),
  local clientColumn(width=120) = g.label('Client', 'client', g.width(width) + { links: [toClient] }),
  local projectColumn(width=190) = g.label('Project', 'project', g.width(width) + { links: [toProject] }),

  // A text column that is empty for most clients.
  local text(name, label, expr, properties) =
    g.text(name, label, q(e.orDash(expr, 'client', label, 'max by (client) (boinc_up{SEL})')), properties),
  // Only clients that still exist; ranges also include earlier ones.
  local present(expr) = '%s and on (client) boinc_up{SEL}' % expr,

  local nowRow = [
    [g.row('Now')],
    [
      g.stat('Clients', 'Clients that answer and clients that do not. The table below says why. From boinc_up.', [
        now('sum(boinc_up{SEL})', 'Up'),
        now('sum(1 - boinc_up{SEL})', 'Down'),
      ], 'none', g.badIfAny)
      .withOverrides([g.named('Up', { color: g.fixed('text') })]),
      3,
      4,
    ],
    [
      g.stat('CPUs', 'CPUs that compute, and CPUs that BOINC may use but does not. A task may use several CPUs, or only a part of one beside a GPU, so there need not be as many tasks as busy CPUs. From boinc_resource_usable and boinc_resource_idle.', [
        now(e.busy('', 'SEL, resource="CPU"'), 'Busy'),
        now('sum(boinc_resource_idle{SEL, resource="CPU"})', 'Idle'),
      ], 'none')
      .withOverrides([g.named('Busy', { color: g.fixed('green'), decimals: 0 }), g.named('Idle', { decimals: 1 })]),
      3,
      4,
    ],
    [
      g.stat('GPUs', 'GPUs that compute, GPUs that do not, and GPUs that disappeared within the last two days because a driver or a card failed. From boinc_resource_usable, boinc_resource_idle and boinc_gpu_devices.', [
        now(e.busy('', 'SEL, resource!="CPU"') + ' or vector(0)', 'Busy'),
        now('sum(boinc_resource_idle{SEL, resource!="CPU"}) or vector(0)', 'Idle'),
        now('sum(%s) or vector(0)' % e.gpusGone('SEL', config.alerts.gpuSeenWithin), 'Gone'),
      ], 'none')
      .withOverrides([g.named('Busy', { color: g.fixed('green') }), g.named('Gone', { thresholds: g.badIfAny })]),
      4,
      4,
    ],
    [
      g.stat('Tasks running', 'Tasks that are computing now. A task may use several CPUs, or only a part of one beside a GPU, so there need not be as many tasks as busy CPUs. From boinc_tasks_running.', [range('sum(boinc_tasks_running{SEL})', 'Running')], 'none', graph='area')
      .withDefaults({ color: g.fixed('green') })
      .withLinks([toTasks]),
      3,
      4,
    ],
    [
      g.stat('Stuck', 'Tasks that ran for an hour without progress and without using a CPU. Check each: most have to be aborted. From boinc_tasks_stalled.', [
        now('sum(boinc_tasks_stalled{SEL}) or vector(0)', 'Stuck'),
      ], 'none', g.badIfAny)
      .withLinks([toTasks]),
      2,
      4,
    ],
    [
      g.stat('Deadlines', 'Tasks past their deadline, and tasks that will miss it if nothing changes. From boinc_tasks_overdue and boinc_tasks_deadline_at_risk.', [
        now('sum(boinc_tasks_deadline_at_risk{SEL}) or vector(0)', 'At risk'),
        now('sum(boinc_tasks_overdue{SEL}) or vector(0)', 'Missed'),
      ], 'none', g.badIfAny)
      .withOverrides([g.named('At risk', { thresholds: g.warnIfAny })]),
      3,
      4,
    ],
    [
      g.stat('Failed, 24 h', 'Share of the tasks reported in the last day that failed or were aborted. A few per cent are normal. From boinc_tasks_reported_total.', [
        now(e.errorRatio('', 'SEL', '1d')),
      ], 'percentunit', g.steps([[null, 'green'], [0.05, 'orange'], [config.alerts.errorRatio, 'red']]))
      .withDefaults({ decimals: 1, noValue: 'none reported' }),
      3,
      4,
    ],
    [
      g.stat('Credit, 24 h', 'Credit granted to all hosts together in the last day, in cobblestones, as of their last contact. From boinc_project_host_credit.', [
        now('sum(delta(boinc_project_host_credit{SEL}[1d]))'),
      ])
      .withDefaults({ decimals: 1, color: g.fixed('green') }),
      3,
      4,
    ],
  ],

  local clientRow = [
    [g.row('Clients')],
    [
      g.table('Clients', 'Every client: whether it answers, its worst problem, what is idle and why, and what is stuck, late or failing. Clients that are down come first, then clients with problems, worst first. Click a client for its own dashboard. A task may use several CPUs, so 5 tasks can keep 8 CPUs busy, or hardly any, so that 16 run on 4. Orange and red need attention; blue is what the user chose.', [
        clientColumn(100),
        value('Up', 'min by (client) (boinc_up{SEL})', 'none', g.width(60) + g.background + g.shown(s.up) + g.thresholds([[null, 'red'], [1, 'green']])),
        value('Trouble', present(e.trouble('client', 'SEL', config.alerts)), 'none', g.width(165) + { 'custom.align': 'left' } + g.colored + g.shown(s.troubleCodes)),
        value('CPUs', 'sum by (client) (boinc_resource_usable{SEL, resource="CPU"})', 'none', g.width(60)),
        value('Idle', 'sum by (client) (boinc_resource_idle{SEL, resource="CPU"})', 'none', g.width(55) + { decimals: 1 }),
        text('Why idle', 'cpu_why', 'max by (client, cpu_why) (label_replace(%s, "cpu_why", "$1", "why", "(.*)"))' % e.why('client', 'resource="CPU"', 'cpu', 'SEL'), g.width(200) + g.colored + g.shown(s.why)),
        value('Idle GPUs', 'sum by (client) (boinc_resource_idle{SEL, resource!="CPU"})', 'none', g.width(75)),
        text('Why GPU idle', 'gpu_why', 'max by (client, gpu_why) (label_replace(topk by (client) (1, %s), "gpu_why", "$1", "why", "(.*)"))' % e.why('client', 'resource!="CPU"', 'gpu', 'SEL'), g.width(200) + g.colored + g.shown(s.why)),
        value('Running', 'sum by (client) (boinc_tasks_running{SEL})', 'none', g.width(70)),
        value('Work left', 'max by (client) (boinc_queue_drain_seconds{SEL, resource="CPU"})', 's', g.width(85) + { decimals: 1 }),
        value('Time to spare', 'min by (client) (boinc_tasks_least_slack_seconds{SEL})', 's', g.width(90) + g.colored + { decimals: 1 } + g.timeLeft('text')),
        value('Stuck', 'sum by (client) (boinc_tasks_stalled{SEL})', 'none', g.width(60) + g.colored + g.thresholds([[null, 'text'], [1, 'red']])),
        value('Late or will be', 'sum by (client) (boinc_tasks_overdue{SEL} + boinc_tasks_deadline_at_risk{SEL})', 'none', g.width(85) + g.colored + g.thresholds([[null, 'text'], [1, 'orange']])),
        value('Failed, 24 h', present(e.errorRatio('client', 'SEL', '1d')), 'percentunit', g.width(95) + g.colored + { decimals: 1 } + g.thresholds([[null, 'text'], [0.05, 'orange'], [config.alerts.errorRatio, 'red']])),
        value('Disk', e.diskUsed('client', 'SEL'), 'percentunit', g.width(60) + g.colored + { decimals: 0 } + g.thresholds([[null, 'text'], [0.8, 'orange'], [config.alerts.diskUsedRatio, 'red']])),
        value('Credit, 24 h', present(e.hostCredit('client', 'SEL', '1d')), 'short', g.width(95) + { decimals: 1 }),
      ], 'Trouble', true)
      .withDefaults({ custom+: { wrapHeaderText: true } }),
      24,
      14,
    ],
    [
      g.timeline('Clients over time', 'What each client did: it computed, was idle although it could compute, was suspended by a mode or preference, or did not answer. From boinc_up, boinc_suspended and boinc_tasks_running.', [
        range(|||
          0 * max by (client) (boinc_up{SEL} == 0)
          or max by (client) (boinc_suspended{SEL, activity="cpu"} == 1)
          or 2 + (sum by (client) (boinc_tasks_running{SEL}) > bool 0)
          or 2 * max by (client) (boinc_up{SEL})
        |||, '{{client}}'),
      ], s.activity),
      24,
      10,
    ],
  ],

  local idleGraph(title, what, matcher) =
    g.graph(title, what + ' that compute, and idle ones by reason, on all clients. Blue is what users chose; yellow waits for projects; orange and red need attention. From boinc_resource_usable, boinc_resource_idle and boinc_resource_idle_reason.', [
      range(e.busy('', 'SEL, ' + matcher), 'busy'),
      range(e.idleByReason('reason', 'SEL, ' + matcher), '{{reason}}'),
    ], 'none', stack=true, calcs=['mean', 'lastNotNull'], legend='right')
    .withDefaults({ decimals: 0, noValue: 'none' })
    .withOverrides([g.named('busy', { color: g.fixed('green') })] + g.series(s.idle, 'idle: ')),

  local idleRow = [
    [g.row('Idle, and why')],
    [idleGraph('CPUs', 'CPUs', 'resource="CPU"'), 12, 9],
    [idleGraph('GPUs', 'GPUs', 'resource!="CPU"'), 12, 9],
  ],

  local workRow = [
    [g.row('Work')],
    [
      g.table('Tasks due', 'By client: tasks that are not done and whose deadline is within this time or past, and the points (cobblestones) that the running tasks are expected to give if they run for a day. ' + s.pointsInFact + ' From boinc_tasks_due and boinc_resource_expected_floating_point_operations_per_second.', [
        clientColumn(),
      ] + [
        value(within[1], 'sum by (client) (boinc_tasks_due{SEL, within="%s"})' % within[0], 'none', g.width(75))
        for within in s.within
      ] + [
        value('Points a day', 'sum by (client) (boinc_resource_expected_floating_point_operations_per_second{SEL}) * 200e-9', 'short', g.width(110) + { decimals: 1 }),
      ], '1 day', true),
      24,
      8,
    ],
    [
      g.table('What runs where', 'Tasks that are computing now, by client and project. From boinc_tasks_running.', [
        g.label('Client', 'client'),
        g.label('Project', 'project'),
        value('Running', 'sum by (client, project) (boinc_tasks_running{SEL})', 'none'),
      ], 'Client')
      .withTransformations([
        { id: 'groupingToMatrix', options: { columnField: 'project', rowField: 'client', valueField: 'Value', emptyValue: 'null' } },
        { id: 'organize', options: { renameByName: { 'client\\project': 'Client' }, excludeByName: {}, indexByName: {}, includeByName: {} } },
      ]) {
        fieldConfig+: { defaults+: { unit: 'none', custom+: { wrapHeaderText: true } }, overrides: [g.named('Client', g.width(120) + { links: [toClient] })] },
      },
      12,
      14,
    ],
    [
      g.graph('Tasks by state', 'Tasks on all clients by what they do or wait for. If tasks wait for hours to be uploaded or reported, a project is not accepting them. From boinc_tasks and boinc_tasks_running.', [
        range('sum(boinc_tasks_running{SEL})', 'running'),
        range('sum(boinc_tasks{SEL, state="downloaded"}) - sum(boinc_tasks_running{SEL})', 'waiting'),
        range('sum by (state) (boinc_tasks{SEL, state!~"downloaded"}) > 0', '{{state}}'),
      ], 'none', stack=true, calcs=['mean', 'lastNotNull'], legend='right')
      .withDefaults({ decimals: 0 })
      .withOverrides(g.series(s.tasks)),
      12,
      14,
    ],
  ],

  // The rows of two tables. Without them, others would come first: Grafana sorts what has no value before the least.
  local mostFailed = 'topk(20, %s >= 1)' % e.failed('client, project', 'SEL', '$__range'),
  local tightest = 'bottomk(20, min by (client, project) (boinc_tasks_least_slack_seconds{SEL}))',
  local troubleRow = [
    [g.row('Trouble')],
    [
      g.table('Failing', 'Where tasks failed or were aborted in the time range, worst first. If one host fails, suspect that host or its application; if all hosts of a project fail, suspect the project. From boinc_tasks_reported_total.', [
        clientColumn(110),
        projectColumn(null),
        value('Failed', mostFailed, 'none', g.width(70) + { decimals: 0 }),
        value('Ratio', '%s and on (client, project) (%s)' % [e.errorRatio('client, project', 'SEL', '$__range'), mostFailed], 'percentunit', g.width(75) + { decimals: 1 } + g.colored + g.thresholds([[null, 'text'], [0.05, 'orange'], [config.alerts.errorRatio, 'red']])),
      ], 'Failed', true)
      .withDefaults({ noValue: '–' }),
      8,
      9,
    ],
    [
      g.table('Tight deadlines', 'Clients and projects with the least time between the expected end of a task and its deadline. Red tasks will be late. From boinc_tasks_least_slack_seconds, boinc_tasks_deadline_at_risk and boinc_tasks_overdue.', [
        clientColumn(110),
        projectColumn(null),
        value('Time to spare', tightest, 's', g.width(125) + g.background + { decimals: 1 } + g.timeLeft('transparent')),
        value('At risk', 'sum by (client, project) (boinc_tasks_deadline_at_risk{SEL}) > 0 and on (client, project) ' + tightest, 'none', g.width(65)),
        value('Missed', 'sum by (client, project) (boinc_tasks_overdue{SEL}) > 0 and on (client, project) ' + tightest, 'none', g.width(65)),
      ], 'Time to spare'),
      8,
      9,
    ],
    [
      g.table('Slow or stuck', 'Clients and projects with a task that runs without progress. An hour is normal for some applications; with less than 10 s of CPU time the task counts as stuck. From boinc_tasks_longest_without_progress_seconds and boinc_tasks_stalled.', [
        clientColumn(110),
        projectColumn(null),
        value('Stuck', 'sum by (client, project) (boinc_tasks_stalled{SEL}) > 0', 'none', g.width(70) + g.colored + g.thresholds([[null, 'text'], [1, 'red']])),
        value('No progress for', 'topk(20, max by (client, project) (boinc_tasks_longest_without_progress_seconds{SEL}) > 600)', 's', g.width(140) + { decimals: 1 } + g.background + g.thresholds([[null, 'transparent'], [3600, 'orange'], [14400, 'red']])),
      ], 'No progress for', true)
      .withDefaults({ noValue: '–' }),
      8,
      9,
    ],
  ],

  local creditRow = [
    [g.row('Credit')],
    [
      g.graph('Daily credit by project', 'Credit granted to the hosts within a day, by project, in cobblestones. It is granted when results are validated, days after they were computed. From boinc_project_host_credit.', [
        range(if config.dashboards.useRecordingRules then 'sum by (project) (client_project:boinc_project_host_credit:delta1d{SEL})' else e.hostCredit('project', 'SEL', '1d'), '{{project}}'),
      ], stack=true, calcs=['mean', 'lastNotNull'], legend='right'),
      12,
      9,
    ],
    [
      g.graph('Daily credit by client', 'The same by host, for the fifteen that earn the most. A host that drops to zero while it computes is producing invalid results. From boinc_project_host_credit.', [
        range('topk(15, %s)' % (if config.dashboards.useRecordingRules then 'sum by (client) (client_project:boinc_project_host_credit:delta1d{SEL})' else e.hostCredit('client', 'SEL', '1d')), '{{client}}'),
      ], calcs=['mean', 'lastNotNull'], legend='right')
      .withLinks([toClientOfSeries]).lines,
      12,
      9,
    ],
    [
      g.table('Accounts', 'Accounts at projects, each counted once however many hosts it has: total credit, recent average credit per day, and credit of the last day, in cobblestones. What a host said last counts for a day after it went off. From boinc_project_user_credit and boinc_project_user_average_credit.', [
        projectColumn(300),
        g.label('Account', 'user_id', g.width(150)),
        value('Hosts', e.named(e.accountHosts('SEL'), 'SEL'), 'none', g.width(150)),
        value('Credit', e.named(e.account('boinc_project_user_credit', 'SEL'), 'SEL'), 'short', { decimals: 1 }),
        value('RAC', e.named(e.account('boinc_project_user_average_credit', 'SEL'), 'SEL'), 'short', { decimals: 1 }),
        value('24 h', e.named(e.accountCreditIn(1, 'SEL'), 'SEL'), 'short', { decimals: 1 }),
      ], 'Credit', true, hide=['project_url']),
      24,
      7,
    ],
  ],

  local hostRow = [
    [g.row('Hosts', collapsed=true)],
    [
      g.table('Software', 'Client version and system, and a newer version if the client knows of one. From boinc_client_info, boinc_host_info and boinc_client_update_info.', [
        clientColumn(),
        g.text('Version', 'version', q('max by (client, version) (boinc_client_info{SEL})'), g.width(90)),
        text('Newer', 'newer_version', 'max by (client, newer_version) (boinc_client_update_info{SEL})', g.width(90) + g.colored + g.thresholds([[null, 'orange']]) + g.shown({ '–': { text: '–', color: 'text' } })),
        g.label('System', 'os_name', g.width(170)),
        g.label('CPU', 'cpu_model'),
        g.labels(q('max by (client, os_name, cpu_model) (%s)' % e.hostInfo('SEL'))),
        value('Memory', 'max by (client) (boinc_host_memory_bytes{SEL})', 'bytes', g.width(100)),
        value('Started', 'max by (client) (boinc_client_start_timestamp_seconds{SEL}) * 1000', 'dateTimeFromNow', g.width(130)),
      ], 'Client'),
      16,
      10,
    ],
    [
      g.graph('Clock skew', "How far the clients' clocks are ahead of the Prometheus server's. Clients use their own clocks for deadlines and back-offs; correct a clock that is off by more than two minutes. From boinc_client_clock_timestamp_seconds.", [
        range('max by (client) (boinc_client_clock_timestamp_seconds{SEL} - timestamp(boinc_client_clock_timestamp_seconds{SEL}))', '{{client}}'),
      ], 's', min=null, calcs=['min', 'max', 'lastNotNull']).lines,
      8,
      10,
    ],
  ],

  grafanaDashboards+:: {
    'boinc-fleet.json': d.dashboard(
      config,
      'fleet',
      'Fleet',
      'All BOINC clients: what is up, what is idle and why, what fails or is late, and what they earn.',
      [d.job(config)] + d.clients(config),
      nowRow + clientRow + idleRow + workRow + troubleRow + creditRow + hostRow
    ),
  },
}
