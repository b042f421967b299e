// One client: what it does and why not more, its work, its projects and its host.
local d = import '../lib/dashboard.libsonnet';
local e = import '../lib/expressions.libsonnet';
local g = import '../lib/panels.libsonnet';
local heat = import '../lib/heat.libsonnet';
local query = import '../lib/query.libsonnet';
local s = import '../lib/states.libsonnet';

{
  local config = $._config,
  local q = query.forClient(config),
  local range(expr, legend) = g.range(q(expr), legend),
  local now(expr, legend='') = g.now(q(expr), legend),
  local value(name, expr, unit='short', properties={}) = g.value(name, q(expr), unit, properties),
  local fetch = (import '../lib/fetch.libsonnet')(q),
  local toProject = g.link('Project ${__data.fields.Project}', d.url(config, 'projects', d.chosen + '&var-project=${__data.fields.Project:percentencode}')),
  local toTasks = g.link('Tasks', d.url(config, 'tasks', d.chosen)),
  local projectColumn(width=190) = g.label('Project', 'project', g.width(width) + { links: [toProject] }),

  // Why a resource is idle, as a number for a timeline.
  local idleCode = 'max by (resource) (sum by (%s, resource) (%s))' % [
    query.client,
    std.join(' or ', [
      '%d * boinc_resource_idle_reason{SEL, reason="%s"}' % [i + 1, s.idleCodes[i]]
      for i in std.range(0, std.length(s.idleCodes) - 1)
    ] + ['0 * boinc_resource_idle{SEL}']),
  ],
  local idleCodes = { '0': { text: 'all busy', color: 'green' } } + {
    [std.toString(i + 1)]: s.idle[s.idleCodes[i]]
    for i in std.range(0, std.length(s.idleCodes) - 1)
  },

  local whyByResource = '%s or %s' % [e.why('resource', 'resource="CPU"', 'cpu', 'SEL'), e.why('resource', 'resource!="CPU"', 'gpu', 'SEL')],
  // The same, with a dash where nothing is idle, so that the column always exists.
  local orNone(expr, label) = e.orDash(expr, 'resource', label, 'max by (resource) (boinc_resource_usable{SEL})'),
  local nowRow = [
    [g.row('Now')],
    [
      g.stat('State', 'What the client is doing. Idle means that nothing runs although computing is allowed. From boinc_up, boinc_suspended and boinc_tasks_running.', [
        now(|||
          0 * max(boinc_up{SEL} == 0)
          or max(boinc_suspended{SEL, activity="cpu"} == 1)
          or 2 + (sum(boinc_tasks_running{SEL}) > bool 0)
          or 2 * max(boinc_up{SEL})
        |||),
      ], 'none', g.plain)
      .withDefaults({ mappings: g.mappings(s.activity) }) { options+: { text: { valueSize: 24 } } },
      3,
      4,
    ],
    [
      g.stat('Trouble', 'The worst that is wrong with this client, as on the dashboard Fleet: it does not answer, tasks are stuck, fail or will be late, a GPU is gone, the disk is full, CPUs are idle unexpectedly, transfers fail, the clock is wrong, or a project cannot be reached. Panels below say more.', [
        now(e.trouble('', 'SEL', config.alerts)),
      ], 'none', g.plain)
      .withDefaults({ mappings: g.mappings(s.troubleCodes { '0': { text: 'none', color: 'green' } }) }) { options+: { text: { valueSize: 22 } } },
      5,
      4,
    ],
    [
      g.stat('Why it does not compute', 'Why the client does not answer, or why CPUs or GPUs are idle; not what the trouble beside it comes from. From boinc_scrape_error, boinc_resource_idle_reason and boinc_suspend_reason.', [
        now('max by (why) (label_replace((boinc_scrape_error{SEL} == 1) and ignoring (reason) boinc_up{SEL} == 0, "why", "$1", "reason", "(.*)"))', '{{why}}'),
        now(e.why('why', 'resource="CPU"', 'cpu', 'SEL'), '{{why}}'),
        now('label_replace(%s, "why", "GPU: $1", "why", "(.*)")' % e.why('why', 'resource!="CPU"', 'gpu', 'SEL'), '{{why}}'),
      ], 'none')
      .withDefaults({ noValue: 'nothing is idle' })
      .withOverrides(
        g.series(s.errors) + g.series(s.why) +
        [o { matcher+: { options: 'GPU: ' + super.options } } for o in g.series(s.why, 'GPU: ')]
      ) { options+: { textMode: 'name', text: { valueSize: 20 } } },
      5,
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
      g.stat('GPUs', 'GPUs that compute, and GPUs that do not. From boinc_resource_usable and boinc_resource_idle.', [
        now(e.busy('', 'SEL, resource!="CPU"'), 'Busy'),
        now('sum(boinc_resource_idle{SEL, resource!="CPU"})', 'Idle'),
      ], 'none')
      .withDefaults({ noValue: 'none' })
      .withOverrides([g.named('Busy', { color: g.fixed('green') })]),
      3,
      4,
    ],
    [
      g.stat('Tasks', 'Tasks that are computing, and tasks that are ready to. A task may use several CPUs, or only a part of one beside a GPU, so there need not be as many tasks as busy CPUs. From boinc_tasks_running and boinc_tasks.', [
        now('sum(boinc_tasks_running{SEL})', 'Running'),
        now('sum(boinc_tasks{SEL, state="downloaded"}) - sum(boinc_tasks_running{SEL})', 'Waiting'),
      ], 'none')
      .withLinks([toTasks]),
      5,
      4,
    ],
    [
      g.stat('Work left', 'How long the present tasks will keep CPUs and GPUs busy: the longest task, or all tasks divided by the usable resources, extended for limits and time when the client does not run. From boinc_queue_drain_seconds.', [
        now('max by (resource) (boinc_queue_drain_seconds{SEL})', '{{resource}}'),
      ], 's', g.steps([[null, 'orange'], [3600, 'text']]))
      .withDefaults({ decimals: 1 })
      .withOverrides(g.renamed(s.devices)) { options+: { wideLayout: false } },
      8,
      4,
    ],
    [
      g.stat('Late or stuck', 'Tasks that will miss their deadline if nothing changes, tasks that have missed it, and tasks that run without progress. From boinc_tasks_deadline_at_risk, boinc_tasks_overdue and boinc_tasks_stalled.', [
        now('sum(boinc_tasks_deadline_at_risk{SEL})', 'At risk'),
        now('sum(boinc_tasks_overdue{SEL})', 'Missed'),
        now('sum(boinc_tasks_stalled{SEL})', 'Stuck'),
      ], 'none', g.badIfAny)
      .withOverrides([g.named('At risk', { thresholds: g.warnIfAny })])
      .withLinks([toTasks]),
      8,
      4,
    ],
    [
      g.stat('Credit', 'Credit that projects granted to this computer in the last day, and its recent average credit (RAC) per day, in cobblestones, as of the last contact. From boinc_project_host_credit and boinc_project_host_average_credit.', [
        now('sum(delta(boinc_project_host_credit{SEL}[1d]))', '24 h'),
        now('sum(boinc_project_host_average_credit{SEL})', 'RAC'),
      ])
      .withDefaults({ decimals: 1, color: g.fixed('green') }) { options+: { wideLayout: false } },
      8,
      4,
    ],
  ],

  local whyRow = [
    [g.row('Why is it idle?')],
    [
      g.table('Idle, and why', 'CPUs and each kind of GPU: how many BOINC may use, how many no task uses now, why, and what a person can do about it. From boinc_resource_idle_reason and boinc_suspend_reason.', [
        g.label('Resource', 'resource', g.width(110) + g.texts(s.devices)),
        value('Usable', 'max by (resource) (boinc_resource_usable{SEL})', 'none', g.width(80)),
        value('Idle', 'max by (resource) (boinc_resource_idle{SEL})', 'none', g.width(80) + { decimals: 1 }),
        g.text('Why', 'why', q(orNone(whyByResource, 'why')), g.width(260) + g.colored + g.shown(s.why)),
        g.text('What to do', 'advice', q(orNone('max by (resource, advice) (label_replace(%s, "advice", "$1", "why", "(.*)"))' % whyByResource, 'advice')), g.shown({ [name]: { text: (s.advice + s.adviceSuspended)[name] } for name in std.objectFields(s.advice + s.adviceSuspended) })),
      ], 'Resource'),
      24,
      5,
    ],
    [
      g.timeline('Suspended or idle', 'Whether computing, GPU computing and the network were suspended and why, and why CPUs or GPUs were idle. From boinc_suspend_reason_code and boinc_resource_idle_reason.', [
        range('max by (activity) (boinc_suspend_reason_code{SEL})', '{{activity}} suspended'),
        range(idleCode, '{{resource}} idle'),
      ], s.suspensionCodes)
      .withOverrides([
        g.named('cpu suspended', { displayName: 'Computing' }),
        g.named('gpu suspended', { displayName: 'Computing on GPUs' }),
        g.named('network suspended', { displayName: 'Network' }),
        g.matched('byFrameRefID', 'B', { mappings: g.mappings(idleCodes) }),
      ] + g.renamed(s.devices, '%s idle')),
      14,
      8,
    ],
    [
      g.timeline('Modes', 'Whether the user lets BOINC compute, use GPUs and use the network: always, by preferences, or never. Includes temporary modes. From boinc_run_mode_code.', [
        range('max by (activity) (boinc_run_mode_code{SEL, kind="effective"})', '{{activity}}'),
      ], s.modes)
      .withOverrides([g.named('cpu', { displayName: 'Computing' }), g.named('gpu', { displayName: 'Computing on GPUs' }), g.named('network', { displayName: 'Network' })]),
      10,
      8,
    ],
  ],

  local useGraph(title, what, matcher) =
    g.graph(title, what + ' that compute, and idle ones by reason. From boinc_resource_usable, boinc_resource_idle and boinc_resource_idle_reason.', [
      range(e.busy('', 'SEL, ' + matcher), 'busy'),
      range(e.idleByReason('reason', 'SEL, ' + matcher), '{{reason}}'),
    ], 'none', stack=true, calcs=['mean', 'lastNotNull'], legend='right')
    .withDefaults({ decimals: 0, noValue: 'none' })
    .withOverrides([g.named('busy', { color: g.fixed('green') })] + g.series(s.idle, 'idle: ')),

  // Of projects with tasks that are not done: others have no time to spare, and Grafana sorts them before the least.
  local withTasks(expr) = expr + ' and on (project) (boinc_tasks_least_slack_seconds{SEL} or boinc_tasks_running{SEL} > 0)',
  local workRow = [
    [g.row('Work')],
    [useGraph('CPUs', 'CPUs', 'resource="CPU"'), 12, 8],
    [useGraph('GPUs', 'GPUs', 'resource!="CPU"'), 12, 8],
    [
      g.graph('Tasks by state', 'Tasks by what they do or wait for. From boinc_tasks and boinc_tasks_running.', [
        range('sum(boinc_tasks_running{SEL})', 'running'),
        range('sum(boinc_tasks{SEL, state="downloaded"}) - sum(boinc_tasks_running{SEL})', 'waiting'),
        range('sum by (state) (boinc_tasks{SEL, state!~"downloaded"}) > 0', '{{state}}'),
      ], 'none', stack=true, calcs=['mean', 'lastNotNull'], legend='right')
      .withDefaults({ decimals: 0 })
      .withOverrides(g.series(s.tasks)),
      12,
      8,
    ],
    [
      g.graph('Waiting tasks', 'Tasks that do not run, by what they wait for. Ready tasks wait for their turn, or for computing to go on. From boinc_tasks_waiting.', [
        range('sum by (reason) (boinc_tasks_waiting{SEL})', '{{reason}}'),
      ], 'none', stack=true, calcs=['mean', 'lastNotNull'], legend='right')
      .withDefaults({ decimals: 0, noValue: 'none' })
      .withOverrides(g.series(s.waiting)),
      12,
      8,
    ],
    [
      g.bars('Tasks due', 'Tasks that are not done and whose deadline is within this time or past. From boinc_tasks_due.', [
        now('max by (within) (boinc_tasks_due{SEL, within="%s"})' % within[0], within[1])
        for within in s.within
      ], 'none')
      .withDefaults({ decimals: 0, color: g.fixed('blue') }),
      6,
      8,
    ],
    [
      g.stat('Points a day, expected', 'Points (cobblestones) that the running tasks are expected to give if they run for a day, by CPUs and GPUs: 200 for 1 GFLOPS, as the client estimates the speed of their applications. ' + s.pointsInFact + ' From boinc_resource_expected_floating_point_operations_per_second.', [
        now('max by (resource) (boinc_resource_expected_floating_point_operations_per_second{SEL}) * 200e-9', '{{resource}}'),
      ])
      .withDefaults({ decimals: 1, color: g.fixed('green'), noValue: 'nothing runs' })
      .withOverrides(g.renamed(s.devices)),
      6,
      8,
    ],
    [
      g.graph('Running by project', 'Tasks that are computing. From boinc_tasks_running.', [
        range('sum by (project) (boinc_tasks_running{SEL})', '{{project}}'),
      ], 'none', stack=true, calcs=['mean', 'lastNotNull'], legend='right')
      .withDefaults({ decimals: 0 }),
      12,
      8,
    ],
    [
      g.graph('Work left', 'How long the present tasks will keep CPUs and GPUs busy, and how much work the preferences ask for. If it is far below, the client gets no work. From boinc_queue_drain_seconds and boinc_preference_work_buffer_seconds.', [
        range('max by (resource) (boinc_queue_drain_seconds{SEL})', '{{resource}}'),
        range('sum(boinc_preference_work_buffer_seconds{SEL})', 'wanted'),
      ], 's')
      .withDefaults({ decimals: 1 })
      .withOverrides(g.renamed(s.devices) + [g.named('wanted', { color: g.fixed('#8e8e8e'), 'custom.fillOpacity': 0, 'custom.lineStyle': { dash: [10, 10], fill: 'dash' } })]),
      8,
      8,
    ],
    [
      g.table('Tasks and deadlines', 'By project that has tasks to do: running and waiting tasks, the next deadline, the least time between the expected end of a task and its deadline, tasks that will be or are late, the memory of the task that uses most, of what it may use before the client aborts it, and the longest time that a task has run without progress. From boinc_tasks_*.', [
        projectColumn(null),
        value('Running', withTasks('sum by (project) (boinc_tasks_running{SEL})'), 'none', g.width(75)),
        value('Waiting', withTasks('sum by (project) (boinc_tasks{SEL, state="downloaded"} - ignoring (state) boinc_tasks_running{SEL})'), 'none', g.width(75)),
        value('Next deadline in', withTasks('min by (project) (%s)' % query.ahead('boinc_tasks_earliest_deadline_timestamp_seconds{SEL}')), 's', g.width(130) + { decimals: 1 }),
        value('Time to spare', 'min by (project) (boinc_tasks_least_slack_seconds{SEL})', 's', g.width(125) + g.colored + { decimals: 1 } + g.timeLeft('text')),
        value('At risk', withTasks('sum by (project) (boinc_tasks_deadline_at_risk{SEL})'), 'none', g.width(70) + g.colored + g.thresholds([[null, 'text'], [1, 'orange']])),
        value('Missed', withTasks('sum by (project) (boinc_tasks_overdue{SEL})'), 'none', g.width(70) + g.colored + g.thresholds([[null, 'text'], [1, 'red']])),
        value('Stuck', withTasks('sum by (project) (boinc_tasks_stalled{SEL})'), 'none', g.width(65) + g.colored + g.thresholds([[null, 'text'], [1, 'red']])),
        value('Memory', withTasks('max by (project) (boinc_tasks_highest_memory_limit_ratio{SEL})'), 'percentunit', g.width(80) + g.colored + { decimals: 0 } + g.thresholds([[null, 'text'], [0.8, 'orange'], [1, 'red']])),
        value('No progress for', withTasks('max by (project) (boinc_tasks_longest_without_progress_seconds{SEL})'), 's', g.width(120) + { decimals: 1 } + g.colored + g.thresholds([[null, 'text'], [3600, 'orange'], [14400, 'red']])),
      ], 'Time to spare'),
      16,
      8,
    ],
  ],

  local byProject(metric) = 'max by (project, project_url) (%s{SEL})' % metric,
  // Pages of a project begin with its URL.
  local page(title, path) = { links: [g.link(title, '${__data.fields.Website}' + path) { targetBlank: true }] },
  local creditRow = [
    [g.row('Credit')],
    [
      g.table('Credit', "By project, what BOINC Manager shows: total and recent average credit (RAC, per day) of this computer and of the whole account, in cobblestones, as of the last contact; the project's weight against others (resource share); and the client's own estimate of what the project gets of this computer (REC, cobblestones a day, with a half-life of ten days). Computer, account and website lead to the project's own pages. From boinc_project_*_credit, boinc_project_resource_share, boinc_project_recent_estimated_credit and boinc_project_info.", [
        projectColumn(null),
        value('RAC', byProject('boinc_project_host_average_credit'), 'short', g.width(120) + { decimals: 1 }),
        value('24 h', e.hostCredit('project, project_url', 'SEL', '1d'), 'short', g.width(95) + { decimals: 1 }),
        value('Credit', byProject('boinc_project_host_credit'), 'short', g.width(95) + { decimals: 2 }),
        value("Account's average", byProject('boinc_project_user_average_credit'), 'short', g.width(140) + { decimals: 1 }),
        value("Account's credit", byProject('boinc_project_user_credit'), 'short', g.width(130) + { decimals: 2 }),
        value('Resource share', byProject('boinc_project_resource_share'), 'none', g.width(120)),
        value('Recent work (REC)', byProject('boinc_project_recent_estimated_credit'), 'short', g.width(140) + { decimals: 1 }),
        g.label('Computer', 'host_id', g.width(100) + page('Computer at the project', 'show_host_detail.php?hostid=${__value.raw}')),
        g.label('Account', 'user_id', g.width(100) + page('Account at the project', 'show_user.php?userid=${__value.raw}')),
        g.label('Website', 'project_url', g.width(250) + page('Website of the project', '')),
        g.labels(q('max by (project, project_url, host_id, user_id) (boinc_project_info{SEL})')),
      ], 'RAC', true),
      24,
      7,
    ],
  ],

  // What only a client on the exporter's own computer tells.
  local besideRow = [
    [g.row("From BOINC's own folder")],
    [
      g.table('Unsaved work', 'What a power cut or a restart would cost now, by application: tasks, how long the oldest has not saved its work, and the CPU time that would be lost. Tasks that have not saved any so far, or always claim to have just saved all, so that nobody can tell, may lose all. Only for a client on the computer of the exporter. From boinc_slots_*.', [
        projectColumn(null),
        g.label('App', 'app', g.width(150)),
        g.label('Saves', 'checkpoints', g.width(95) + g.texts({ seen: 'yes', never: 'not so far', claimed: 'cannot tell' })),
        value('Not saved for', 'max by (project, app, checkpoints) (time() - boinc_slots_unsaved_since_timestamp_seconds{SEL})', 's', g.width(120) + g.colored + { decimals: 1 } + g.thresholds([[null, 'text'], [3600, 'orange'], [config.alerts.unsavedSeconds, 'red']])),
        value('CPU time to lose', 'sum by (project, app, checkpoints) (boinc_slots_uncheckpointed_cpu_seconds{SEL})', 's', g.width(135) + { decimals: 1 }),
      ], 'Not saved for', true)
      .withDefaults({ noValue: '–' }),
      12,
      8,
    ],
    [
      g.graph('Tasks in slots', 'Tasks by what their applications do: they report, are paused, or have gone silent. Only for a client on the computer of the exporter. From boinc_slots_tasks.', [
        range('sum by (state) (boinc_slots_tasks{SEL})', '{{state}}'),
      ], 'none', stack=true, calcs=['mean', 'lastNotNull'], legend='right')
      .withDefaults({ decimals: 0, noValue: 'none' })
      .withOverrides(g.series(s.slots)),
      12,
      8,
    ],
    [
      g.graph('Estimated and real run time', 'Run time of completed tasks divided by what was estimated for them, over the last day: above 1 tasks take longer than the client thinks. Only for a client on the computer of the exporter. From boinc_tasks_completed_*.', [
        range('sum by (project) (increase(boinc_tasks_completed_elapsed_seconds_total{SEL}[1d])) / (sum by (project) (increase(boinc_tasks_completed_estimated_seconds_total{SEL}[1d])) > 0)', '{{project}}'),
      ], 'percentunit', calcs=['mean', 'lastNotNull'], legend='right').lines
      .withDefaults({ decimals: 0, noValue: 'none' }),
      12,
      8,
    ],
    [
      g.table('Last contact, in detail', 'By project: how the last contact with its scheduler ended, what the client asked for and what it got, and why no more, if the project said so. Only for a client on the computer of the exporter. From boinc_project_scheduler_*.', [
        projectColumn(null),
        g.text('Outcome', 'outcome', q('max by (project, outcome) (boinc_project_scheduler_outcome{SEL})'), g.width(100) + g.colored + g.shown({ answered: { text: 'answered', color: 'green' }, unanswered: { text: 'unanswered', color: 'orange' }, incomplete: { text: 'incomplete', color: 'red' }, project_down: { text: 'project is down', color: 'red' } })),
        value('Asked for', 'sum by (project) (boinc_project_scheduler_work_requested_seconds{SEL})', 's', g.width(95) + { decimals: 1 }),
        value('Tasks got', 'max by (project) (boinc_project_scheduler_tasks{SEL, kind="received"})', 'none', g.width(85)),
        value('Reported', 'max by (project) (boinc_project_scheduler_tasks{SEL, kind="reported"})', 'none', g.width(85)),
        g.text('Reason', 'reason', q('max by (project, reason) (topk by (project) (1, boinc_project_scheduler_messages{SEL}))'), g.width(210) + g.shown({ [name]: { text: s.fetch[name].text } for name in std.objectFields(s.fetch) })),
      ], 'Project')
      .withDefaults({ noValue: '–' }),
      12,
      8,
    ],
  ],

  local contactRow = [
    [g.row('Contact with projects')],
    [
      g.table('Contact', 'By project: time since the last contact, how long none is allowed, how long the client asks for no work because there was none, contacts that failed in the last day, how long the oldest task that is done waits to be reported, and how long transfers wait. Hours are normal if a project has no work; failed contacts need attention if none succeeded since. From boinc_project_* and boinc_work_fetch_replies_total.', [
        projectColumn(null),
        g.text('State', 'state', q(|||
          max by (project, state) (topk by (%s, project_url) (1,
            label_replace(boinc_project_ended{SEL} == 1, "state", "has ended", "", "")
            or label_replace(boinc_project_suspended{SEL} == 1, "state", "suspended", "", "")
            or label_replace(boinc_project_no_new_tasks{SEL} == 1, "state", "no new tasks", "", "")
          ))
        ||| % query.client), g.width(110) + g.colored + g.shown({ 'has ended': { text: 'has ended', color: 'red' }, suspended: { text: 'suspended', color: 'blue' }, 'no new tasks': { text: 'no new tasks', color: 'super-light-blue' } })),
        value('Last contact', 'max by (project) (%s)' % query.ago('boinc_project_last_rpc_timestamp_seconds{SEL}'), 's', g.width(105) + { decimals: 1 }),
        value('No contact allowed for', 'max by (project) (%s > 0)' % query.ahead('boinc_project_min_rpc_timestamp_seconds{SEL}'), 's', g.width(110) + g.colored + { decimals: 1 } + g.thresholds([[null, 'text'], [config.alerts.projectBackoffSeconds, 'orange']])),
        value('Asks for no CPU work for', 'max by (project) (%s > 0)' % query.ahead('boinc_project_resource_backoff_until_timestamp_seconds{SEL, resource="CPU"}'), 's', g.width(125) + { decimals: 1 }),
        value('Asks for no GPU work for', 'max by (project) (%s > 0)' % query.ahead('boinc_project_resource_backoff_until_timestamp_seconds{SEL, resource!="CPU"}'), 's', g.width(125) + { decimals: 1 }),
        value('Failed, 24 h', e.contactsFailed('project', 'SEL', '1d') + ' > 0', 'none', g.width(115) + g.colored + { decimals: 0 } + g.thresholds([[null, 'text'], [3, 'orange'], [10, 'red']])),
        value('Uploads wait', 'max by (project) (boinc_project_transfer_backoff_remaining_seconds{SEL, direction="upload"} > 0)', 's', g.width(105) + { decimals: 1 }),
        value('Downloads wait', 'max by (project) (boinc_project_transfer_backoff_remaining_seconds{SEL, direction="download"} > 0)', 's', g.width(120) + { decimals: 1 }),
        value('Waits to be reported for', 'max by (project) (%s)' % query.ago('boinc_tasks_oldest_unreported_timestamp_seconds{SEL}'), 's', g.width(120) + { decimals: 1 } + g.colored + g.thresholds([[null, 'text'], [86400, 'orange']])),
        value('Oldest transfer', 'max by (project) (%s)' % query.ago('boinc_transfers_oldest_request_timestamp_seconds{SEL}'), 's', g.width(120) + g.colored + { decimals: 1 } + g.thresholds([[null, 'text'], [3600, 'orange'], [config.alerts.transferStuckSeconds, 'red']])),
        value('Retries', 'max by (project) (boinc_transfers_most_retries{SEL})', 'none', g.width(75)),
      ], 'Project')
      .withDefaults({ custom+: { wrapHeaderText: true } }),
      24,
      6,
    ],
    [
      fetch.requests('SEL'),
      6,
      8,
    ],
    [
      fetch.reasons('SEL'),
      6,
      8,
    ],
    [
      g.graph('Transfers', 'Files that are being transferred, are queued, or wait to be tried again after a failure. From boinc_transfers.', [
        range('sum by (direction, state) (boinc_transfers{SEL}) > 0', '{{direction}} {{state}}'),
      ], 'none', stack=true, calcs=['max', 'lastNotNull'])
      .withDefaults({ decimals: 0, noValue: 'none' })
      .withOverrides(g.series(s.transfers)),
      6,
      8,
    ],
    [
      g.graph('Speed', 'Total speed of all active transfers. From boinc_transfers_speed_bytes_per_second.', [
        range('sum by (direction) (boinc_transfers_speed_bytes_per_second{SEL})', '{{direction}}'),
      ], 'Bps', calcs=['mean', 'max'])
      .withOverrides(g.colors({ upload: 'purple', download: 'light-yellow' })),
      6,
      8,
    ],
  ],

  local hostRow = [
    [g.row('Host')],
    [
      g.graph('Disk', 'Disk space that projects and the client itself use, and what the preferences allow (dashed). At the limit, the client gets no work and may suspend computing. From boinc_project_disk_usage_bytes, boinc_disk_client_bytes and boinc_disk_allowed_bytes.', [
        range('max by (project) (boinc_project_disk_usage_bytes{SEL})', '{{project}}'),
        range('max(boinc_disk_client_bytes{SEL})', 'client itself'),
        range('max(boinc_disk_allowed_bytes{SEL})', 'allowed'),
      ], 'decbytes', stack=true, calcs=['lastNotNull'], legend='right')
      .withOverrides([g.named('allowed', { color: g.fixed('red'), 'custom.fillOpacity': 0, 'custom.lineStyle': { dash: [10, 10], fill: 'dash' }, 'custom.stacking': { mode: 'none', group: 'A' } })]),
      12,
      8,
    ],
    [
      g.graph('Task memory', 'RAM that tasks use, and what BOINC may use while the computer is in use and while it is not (dashed). At the limit, tasks wait for memory. From boinc_tasks_working_set_bytes, boinc_host_memory_bytes and boinc_preference_memory_max_ratio.', [
        range('sum by (project) (boinc_tasks_working_set_bytes{SEL})', '{{project}}'),
        range('max by (when) (boinc_preference_memory_max_ratio{SEL} * ignoring (when) group_left () boinc_host_memory_bytes{SEL})', 'allowed: {{when}}'),
      ], 'bytes', stack=true, calcs=['lastNotNull'], legend='right')
      .withOverrides([
        g.named('allowed: ' + limit[0], { displayName: limit[1], color: g.fixed(limit[2]), 'custom.fillOpacity': 0, 'custom.lineStyle': { dash: [10, 10], fill: 'dash' }, 'custom.stacking': { mode: 'none', group: 'A' } })
        for limit in [['in_use', 'allowed while you use the computer', 'orange'], ['idle', 'allowed otherwise', 'red']]
      ]),
      12,
      8,
    ],
    [
      g.bars('Fractions of time', 'Averages over about ten days: the fraction of time that the client ran, and the fractions of that during which computing, GPU computing and the network were available. The client uses them to decide how much work to request. From boinc_client_*_ratio.', [
        now('max(boinc_client_on_ratio{SEL})', 'client runs'),
        now('max(boinc_client_active_ratio{SEL})', 'computing allowed'),
        now('max(boinc_client_gpu_active_ratio{SEL})', 'GPUs allowed'),
        now('max(boinc_client_connected_ratio{SEL})', 'online'),
        now('max(boinc_client_cpu_and_network_available_ratio{SEL})', 'CPU and network'),
      ], 'percentunit', g.steps([[null, 'blue'], [0.9, 'green']]))
      .withDefaults({ max: 1, decimals: 0 }),
      8,
      7,
    ],
    [
      g.table('GPUs', 'GPUs by kind: count, driver, memory and rated speed. If a GPU is missing here, the client did not find it when it started. From boinc_gpu_*.', [
        g.label('Resource', 'resource', g.width(105) + g.texts(s.devices)),
        g.label('Model', 'model'),
        value('GPUs', 'max by (resource, model) (boinc_gpu_devices{SEL})', 'none', g.width(60)),
        g.text('Driver', 'driver_version', q('max by (resource, model, driver_version) (boinc_gpu_info{SEL})'), g.width(80)),
        value('Memory', 'max by (resource, model) (boinc_gpu_memory_bytes{SEL})', 'bytes', g.width(75)),
        value('Speed', 'max by (resource, model) (boinc_gpu_peak_floating_point_operations_per_second{SEL})', 'flops', g.width(95) + { decimals: 1 }),
      ], 'Resource')
      .withDefaults({ noValue: 'none' }),
      16,
      7,
    ],
    [
      g.table('Host', 'The computer that the client runs on. From boinc_host_info, boinc_client_info and boinc_host_*.', [
        g.label('Name', 'domain_name', g.width(130)),
        g.label('System', 'os_name', g.width(170)),
        g.label('CPU', 'cpu_model'),
        g.labels(q('max by (domain_name, os_name, cpu_model) (%s)' % e.hostInfo('SEL'))),
        g.text('Client', 'version', q('max by (version) (boinc_client_info{SEL})'), g.width(80)),
        value('CPUs', 'max(boinc_host_cpus{SEL})', 'none', g.width(65)),
        value('CPU speed', 'max(boinc_host_cpu_floating_point_operations_per_second{SEL})', 'flops', g.width(105) + { decimals: 1 }),
        value('Memory', 'max(boinc_host_memory_bytes{SEL})', 'bytes', g.width(90)),
        value('Disk free', 'max(boinc_disk_free_bytes{SEL})', 'decbytes', g.width(90)),
        value('Client started', 'max(boinc_client_start_timestamp_seconds{SEL}) * 1000', 'dateTimeFromNow', g.width(125)),
      ]),
      24,
      4,
    ],
  ],

  local logRow = [
    [g.row('Messages and notices')],
    [
      g.hourly('Messages', 'Event log messages per hour, by priority. From boinc_messages_total.', [
        range('sum by (priority) (increase(boinc_messages_total{SEL}[$__interval]))', '{{priority}}'),
      ])
      .withOverrides(g.series(s.priority)),
      12,
      7,
    ],
    [
      g.table('Notices', "What the manager shows under Notices, from the client, from schedulers and from projects' news feeds, and when the newest arrived. Read the texts in the manager. From boinc_notices.", [
        g.label('From', 'category', g.width(110)),
        g.label('Project', 'project'),
        value('Notices', 'max by (category, project) (boinc_notices{SEL})', 'none', g.width(80)),
        value('Newest', 'max by (category, project) (boinc_notice_last_arrival_timestamp_seconds{SEL}) * 1000', 'dateTimeFromNow', g.width(140)),
      ], 'From')
      .withDefaults({ noValue: '–' }),
      12,
      7,
    ],
  ],

  grafanaDashboards+:: {
    'boinc-client.json': d.dashboard(
      config,
      'client',
      'Client',
      'One BOINC client: what it does and why not more, its work, its projects and its host.',
      [
        d.job(config),
        d.group(config),
        d.client(config, d.single),
        d.computer(config),
        d.price(config),
      ],
      nowRow + whyRow + workRow + creditRow + besideRow + contactRow + hostRow + logRow + heat.row(config)
    ),
  },
}
