// Individual tasks. Needs the collector `tasks`, which is off by default.
local d = import '../lib/dashboard.libsonnet';
local g = import '../lib/panels.libsonnet';
local query = import '../lib/query.libsonnet';
local s = import '../lib/states.libsonnet';

{
  local config = $._config,
  local q = query.forDashboard(config),
  local now(expr, legend='') = g.now(q(expr), legend),
  local range(expr, legend) = g.range(q(expr), legend),
  local toClient = g.link('Client ${__data.fields.Client}', d.url(config, 'client', 'var-client=${__data.fields.Client:percentencode}')),
  local task = 'client, project, task',
  local optional = ' Needs the collector tasks, which is off by default.',

  // Tasks that have a slot, tasks that wait for one, and tasks that have finished computing.
  local begun = ' and on (%s, project_url, task) boinc_task_fraction_done_ratio{PSEL}' % query.client,
  local waiting = ' and on (%s, project_url, task) (boinc_task_state_code{PSEL} <= 2) unless on (%s, project_url, task) boinc_task_fraction_done_ratio{PSEL}' % [query.client, query.client],
  local over = ' and on (%s, project_url, task) (boinc_task_state_code{PSEL} > 2)' % query.client,
  local of(which) = {
    value(name, metric, unit, properties={}):: g.value(name, q('max by (%s) (%s%s)' % [task, metric, which]), unit, properties),
    ahead(name, metric, properties={}):: g.value(name, q('max by (%s) (%s%s)' % [task, query.ahead(metric), which]), 's', { decimals: 1 } + properties),
    columns(more):: [
      g.label('Task', 'task'),
      g.label('Client', 'client', g.width(110) + { links: [toClient] }),
      g.label('Project', 'project', g.width(170)),
      g.label('App', 'app', g.width(140)),
      g.labels(q('max by (%s, %s) (boinc_task_info{PSEL}%s)' % [task, more, which])),
    ],
  },

  local nowRow = [
    [g.row('Now')],
    [g.stat('Running', 'Tasks that are computing now. From boinc_tasks_running.', [now('sum(boinc_tasks_running{PSEL})')], 'none').withDefaults({ color: g.fixed('green') }), 4, 4],
    [g.stat('Waiting', 'Tasks that are ready to compute. From boinc_tasks and boinc_tasks_running.', [now('sum(boinc_tasks{PSEL, state="downloaded"}) - sum(boinc_tasks_running{PSEL})')], 'none'), 4, 4],
    [g.stat('Stuck', 'Tasks that ran for an hour without progress and without using a CPU. From boinc_tasks_stalled.', [now('sum(boinc_tasks_stalled{PSEL})')], 'none', g.badIfAny), 4, 4],
    [
      g.stat('Deadlines', 'Tasks past their deadline, and tasks that will miss it if nothing changes. From boinc_tasks_overdue and boinc_tasks_deadline_at_risk.', [
        now('sum(boinc_tasks_deadline_at_risk{PSEL})', 'At risk'),
        now('sum(boinc_tasks_overdue{PSEL})', 'Missed'),
      ], 'none', g.badIfAny)
      .withOverrides([g.named('At risk', { thresholds: g.warnIfAny })]),
      4,
      4,
    ],
    [g.stat('Memory', 'RAM of all started tasks. From boinc_tasks_working_set_bytes.', [now('sum(boinc_tasks_working_set_bytes{PSEL})')], 'bytes'), 4, 4],
    [g.stat('Not shown', 'The least urgent tasks, which have no series because of a limit (max_tasks of the exporter). From boinc_scrape_dropped_series.', [now('sum(boinc_scrape_dropped_series{SEL, collector="tasks"})')], 'none', g.warnIfAny).withDefaults({ noValue: 'collector is off' }), 4, 4],
  ],

  local begunRow =
    local t = of(begun);
    [
      [g.row('Started')],
      [
        g.table('Started tasks', 'Tasks that run or have run, sorted by the time without progress, longest first. CPU is CPU time divided by run time so far. If an application reports progress rarely, minutes without progress are normal; an hour with little CPU time means that the task is stuck.' + optional + ' From boinc_task_*.', t.columns('app, resources, wait_reason') + [
          t.value('State', '(10 + 0 * (boinc_task_process_state_code{PSEL} == 1) or 11 + 0 * (boinc_task_process_state_code{PSEL} == 9) or boinc_task_state_code{PSEL})', 'none', g.width(85) + g.background + g.shown(s.taskState)),
          t.value('Progress', 'boinc_task_fraction_done_ratio{PSEL}', 'percentunit', g.width(130) + g.gauge() + g.fixedColor('green') + { decimals: 1 }),
          t.value('No progress for', 'boinc_task_without_progress_seconds{PSEL}', 's', g.width(140) + { decimals: 1 } + g.colored + g.thresholds([[null, 'text'], [1800, 'orange'], [3600, 'red']])),
          t.value('Run time', 'boinc_task_elapsed_seconds{PSEL}', 's', g.width(85) + { decimals: 1 }),
          t.value('CPU', 'boinc_task_cpu_seconds{PSEL} / (boinc_task_elapsed_seconds{PSEL} > 60)', 'percentunit', g.width(60) + { decimals: 0 }),
          t.value('Remaining', 'boinc_task_remaining_seconds{PSEL}', 's', g.width(85) + { decimals: 1 }),
          t.ahead('Deadline in', 'boinc_task_deadline_timestamp_seconds{PSEL}', g.width(95) + g.colored + g.timeLeft('text')),
          t.value('RAM', 'boinc_task_working_set_bytes{PSEL}', 'bytes', g.width(80)),
          g.label('Uses', 'resources', g.width(150)),
          g.label('Waits for', 'wait_reason', g.width(120)),
        ], 'No progress for', true),
        24,
        12,
      ],
      [
        g.table('Saved work', 'How long ago started tasks saved their work (checkpoint), longest first, and the most memory and disk space that they had used by then. Tasks that have saved nothing yet are missing. Only for clients on the computer of the exporter.' + optional + ' From boinc_task_checkpoint_timestamp_seconds and boinc_task_peak_*.', [
          g.label('Task', 'task'),
          g.label('Client', 'client', g.width(150) + { links: [toClient] }),
          g.label('Project', 'project', g.width(220)),
          g.value('Saved', q('max by (%s) (time() - boinc_task_checkpoint_timestamp_seconds{PSEL})' % task), 's', g.width(120) + { decimals: 1 } + g.colored + g.thresholds([[null, 'text'], [3600, 'orange'], [config.alerts.unsavedSeconds, 'red']])),
          g.value('Most RAM', q('max by (%s) (boinc_task_peak_working_set_bytes{PSEL})' % task), 'bytes', g.width(110)),
          g.value('Most disk', q('max by (%s) (boinc_task_peak_disk_bytes{PSEL})' % task), 'bytes', g.width(110)),
        ], 'Saved', true)
        .withDefaults({ noValue: '–' }),
        24,
        8,
      ],
      [
        g.graph('Progress', 'Progress of started tasks, for the twenty with the longest run time. A flat line is a stalled task; a drop is a task that resumed from a checkpoint.' + optional + ' From boinc_task_fraction_done_ratio.', [
          range('max by (%s) (boinc_task_fraction_done_ratio{PSEL}) and on (%s) topk(20, max by (%s) (boinc_task_elapsed_seconds{PSEL}))' % [task, task, task], '{{client}}: {{task}}'),
        ], 'percentunit', calcs=['lastNotNull'], legend='right').lines.withDefaults({ max: 1 }),
        12,
        9,
      ],
      [
        g.graph('Memory', 'RAM of the tasks that use the most.' + optional + ' From boinc_task_working_set_bytes.', [
          range('topk(15, max by (%s) (boinc_task_working_set_bytes{PSEL}))' % task, '{{client}}: {{task}}'),
        ], 'bytes', calcs=['max', 'lastNotNull'], legend='right').lines,
        12,
        9,
      ],
    ],

  local waitingRow =
    local t = of(waiting);
    [
      [g.row('Waiting')],
      [
        g.table('Waiting tasks', 'Tasks that have not started, by deadline.' + optional + ' From boinc_task_*.', t.columns('app, resources') + [
          t.value('State', 'boinc_task_state_code{PSEL}', 'none', g.width(110) + g.colored + g.shown(s.taskState)),
          t.value('Remaining', 'boinc_task_remaining_seconds{PSEL}', 's', g.width(95) + { decimals: 1 }),
          t.ahead('Deadline in', 'boinc_task_deadline_timestamp_seconds{PSEL}', g.width(110) + g.colored + g.timeLeft('text')),
          t.value('Received', 'boinc_task_received_timestamp_seconds{PSEL} * 1000', 'dateTimeFromNow', g.width(130)),
          g.label('Uses', 'resources', g.width(200)),
        ], 'Deadline in')
        .withDefaults({ noValue: '–' }),
        24,
        9,
      ],
      [
        g.table('Finished tasks', 'Tasks that have finished computing and wait to be uploaded or reported, oldest first. If they wait for more than a day, the project is not accepting them.' + optional + ' From boinc_task_*.', [
          g.label('Task', 'task'),
          g.label('Client', 'client', g.width(130) + { links: [toClient] }),
          g.label('Project', 'project', g.width(190)),
          of(over).value('State', 'boinc_task_state_code{PSEL}', 'none', g.width(110) + g.colored + g.shown(s.taskState)),
          of(over).value('Exit status', 'boinc_task_exit_status{PSEL}', 'none', g.width(190) + g.shown(s.exitStatus { '0': { text: '0 success' } })),
          of(over).value('Ended', 'boinc_task_completed_timestamp_seconds{PSEL} * 1000', 'dateTimeFromNow', g.width(160)),
        ], 'Ended')
        .withDefaults({ noValue: 'none' }),
        24,
        7,
      ],
    ],

  grafanaDashboards+:: {
    'boinc-tasks.json': d.dashboard(
      config,
      'tasks',
      'Tasks',
      'Individual BOINC tasks, stalled ones first. Needs the collector tasks of the exporter, which is off by default.',
      [d.job(config)] + d.clients(config) + [d.project(config)],
      nowRow + begunRow + waitingRow
    ),
  },
}
