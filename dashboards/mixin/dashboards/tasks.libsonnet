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

  // What the collector tasks has of a task, under the name that the project gives its application, if the collector app_versions
  // knows one.
  local info =
    local app = 'on (%s, project_url, app)' % query.client;
    '(label_replace(boinc_task_info{PSEL} * %(app)s group_left (user_friendly_name) boinc_app_info{PSEL}, "app", "$1", "user_friendly_name", "(.+)") or boinc_task_info{PSEL} unless %(app)s boinc_app_info{PSEL})' % { app: app },
  // As boinc_tasks_running counts them. A limit on CPU time stops processes for seconds at a time, and leaves their tasks scheduled;
  // so does a suspension of the whole client.
  local running = '(boinc_task_process_state_code{PSEL} == 1 or boinc_task_process_state_code{PSEL} == 9 and boinc_task_scheduler_state_code{PSEL} == 2 unless on (%s) boinc_suspended{SEL, activity="cpu"} == 1)' % query.client,
  // As boinc_tasks_stalled counts them, but for tasks that were paused within the hour.
  local stuck = '(%s and boinc_task_without_progress_seconds{PSEL} >= 3600 and delta(boinc_task_cpu_seconds{PSEL}[1h]) < 10)' % running,
  // Its process, as far as there is one: stuck, running or paused.
  local state = '(12 + 0 * %s or 10 + 0 * %s or 11 + 0 * (boinc_task_process_state_code{PSEL} == 9) or boinc_task_state_code{PSEL})' % [stuck, running],

  // Tasks that run, tasks that have a slot, tasks that wait for one, and tasks that have finished computing.
  local runs = ' and on (%s, project_url, task) %s' % [query.client, running],
  local begun = ' and on (%s, project_url, task) boinc_task_fraction_done_ratio{PSEL}' % query.client,
  local waiting = ' and on (%s, project_url, task) (boinc_task_state_code{PSEL} <= 2) unless on (%s, project_url, task) boinc_task_fraction_done_ratio{PSEL}' % [query.client, query.client],
  local over = ' and on (%s, project_url, task) (boinc_task_state_code{PSEL} > 2)' % query.client,
  local of(which) = {
    value(name, metric, unit, properties={}):: g.value(name, q('max by (%s) (%s%s)' % [task, metric, which]), unit, properties),
    ahead(name, metric, properties={}):: g.value(name, q('max by (%s) (%s%s)' % [task, query.ahead(metric), which]), 's', { decimals: 1 } + properties),
    columns(more):: [
      g.label('Task', 'task'),
      g.label('Client', 'client', g.width(110) + { links: [toClient] }),
      g.label('Project', 'project', g.width(160)),
      g.label('App', 'app', g.width(210)),
      g.labels(q('max by (%s, %s) (%s%s)' % [task, more, info, which])),
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
        g.table('Started tasks', 'Tasks that run or have run, sorted by the time without progress, longest first. A red one is stuck: it ran for an hour without progress and used less than 10 s of CPU time meanwhile. CPU is CPU time divided by run time so far. If an application reports progress rarely, minutes without progress are normal.' + optional + ' From boinc_task_*.', t.columns('app, resources, wait_reason') + [
          t.value('State', state, 'none', g.width(85) + g.background + g.shown(s.taskState)),
          t.value('Progress', 'boinc_task_fraction_done_ratio{PSEL}', 'percentunit', g.width(130) + g.gauge() + g.fixedColor('green') + { decimals: 1 }),
          t.value('No progress for', 'boinc_task_without_progress_seconds{PSEL}', 's', g.width(140) + { decimals: 1 } + g.colored + g.thresholds([[null, 'text'], [1800, 'orange'], [3600, 'red']])),
          t.value('Run time', 'boinc_task_elapsed_seconds{PSEL}', 's', g.width(85) + { decimals: 1 }),
          t.value('CPU', 'boinc_task_cpu_seconds{PSEL} / (boinc_task_elapsed_seconds{PSEL} > 60)', 'percentunit', g.width(60) + { decimals: 0 }),
          t.value('Remaining', 'boinc_task_remaining_seconds{PSEL}', 's', g.width(85) + { decimals: 1 }),
          t.ahead('Deadline in', 'boinc_task_deadline_timestamp_seconds{PSEL}', g.width(95) + g.colored + g.timeLeft('text')),
          t.value('RAM', 'boinc_task_working_set_bytes{PSEL}', 'bytes', g.width(80)),
          g.label('Uses', 'resources', g.width(110)),
          g.label('Waits for', 'wait_reason', g.width(110)),
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
        local r = of(runs);
        g.table('Progress', 'Tasks that run, those that are nearly done first, and how much longer they will run as the client estimates it.' + optional + ' From boinc_task_fraction_done_ratio and boinc_task_remaining_seconds.', [
          g.label('Client', 'client', g.width(100) + { links: [toClient] }),
          g.label('App', 'app'),
          g.label('Task', 'task', g.width(200)),
          g.labels(q('max by (%s, app) (%s%s)' % [task, info, runs])),
          r.value('State', state, 'none', g.width(75) + g.colored + g.shown(s.taskState)),
          r.value('Progress', 'boinc_task_fraction_done_ratio{PSEL}', 'percentunit', g.width(210) + g.gauge() + g.fixedColor('green') + { decimals: 1 }),
          r.value('Done in', 'boinc_task_remaining_seconds{PSEL}', 's', g.width(95) + { decimals: 1 }),
        ], 'Progress', true, hide=['project']),
        14,
        10,
      ],
      [
        g.graph('Memory', 'RAM of started tasks, for the fifteen clients where they use the most. From boinc_tasks_working_set_bytes.', [
          range('topk(15, sum by (client) (boinc_tasks_working_set_bytes{PSEL}))', '{{client}}'),
        ], 'bytes', calcs=['max', 'lastNotNull'], legend='right').lines,
        10,
        10,
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
