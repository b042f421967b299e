// Projects' servers: daemons, queues, whether there is work, the scheduler. For people who run one, and for people who wait for
// one.
local d = import '../lib/dashboard.libsonnet';
local e = import '../lib/expressions.libsonnet';
local g = import '../lib/panels.libsonnet';
local query = import '../lib/query.libsonnet';
local s = import '../lib/states.libsonnet';

{
  local config = $._config,
  local c = config.alerts,
  local q = query.forServers(config),
  local range(expr, legend) = g.range(q(expr), legend),
  local now(expr, legend='') = g.now(q(expr), legend),
  local value(name, expr, unit='short', properties={}) = g.value(name, q(expr), unit, properties),
  local text(name, label, expr, properties={}) = g.text(name, label, q(expr), properties),
  local projectColumn(width=null) = g.label('Project', 'project', g.width(width)),
  local of(expr, more=[]) = e.ofProject(expr, more),
  // Servers keep their numbers for an hour, and are asked once an hour.
  local hourly = 'Servers renew it about once an hour.',
  local late = [[null, 'text'], [600, 'orange'], [c.transitionerLateSeconds, 'red']],

  local asked = 'group by (project) (boinc_server_collector_success{SEL})',
  local up = '%s or 1 + %s' % [of('boinc_server_up{SEL}'), asked],
  local unsent = of('boinc_server_tasks{SEL, state="unsent"}'),
  local down = 'sum by (project) (%s)' % e.daemons('SEL', 'not_running'),
  // Seconds since there was work, at most a week.
  local withoutWork = 'clamp_max(time() - max_over_time((time() * (%s > bool 0))[7d:1h]), 604800) and (%s == 0)' % [unsent, unsent],
  local state(name) = of('boinc_server_scheduler_state{SEL, state="%s"}' % name),
  local coded(code, expr) = '%d + 0 * (%s)' % [code, expr],
  // The last two: it is down and said nothing; or what answers does not tell.
  local schedulerCode = std.join(' or ', [
    coded(i, state(s.schedulerCodes[i]) + ' == 1')
    for i in std.range(0, std.length(s.schedulerCodes) - 2)
  ] + [
    coded(std.length(s.schedulerCodes) - 1, of('boinc_server_scheduler_up{SEL}') + ' == 0'),
    coded(std.find('unknown', s.schedulerCodes)[0], of('boinc_server_collector_success{SEL, collector="scheduler"}') + ' == 0'),
  ]),
  local schedulerStates = {
    [std.toString(i)]: if s.schedulerCodes[i] == 'silent' then s.silentScheduler else s.scheduler[s.schedulerCodes[i]]
    for i in std.range(0, std.length(s.schedulerCodes) - 1)
  },

  local nowRow = [
    [g.row('Now')],
    [
      g.stat('Servers', 'Servers of projects that work, that do not, and of which that cannot be told, as their pages are walled off. From boinc_server_up.', [
        now('count(%s == 1) or vector(0)' % of('boinc_server_up{SEL}'), 'Up'),
        now('count(%s == 0) or vector(0)' % of('boinc_server_up{SEL}'), 'Down'),
        now('count(%s unless %s) or vector(0)' % [asked, of('boinc_server_up{SEL}')], 'Unknown'),
      ], 'none', g.badIfAny)
      .withOverrides([g.named('Up', { color: g.fixed('text') }), g.named('Unknown', { color: g.fixed('text') })]),
      5,
      4,
    ],
    [
      g.stat('Schedulers', 'Schedulers that answer as they should, and those that say that they cannot, or do not answer. Clients get and report work through them. From boinc_server_scheduler_up.', [
        now('count(%s == 1) or vector(0)' % of('boinc_server_scheduler_up{SEL}'), 'Up'),
        now('count(%s == 0) or vector(0)' % of('boinc_server_scheduler_up{SEL}'), 'Down'),
      ], 'none', g.badIfAny)
      .withOverrides([g.named('Up', { color: g.fixed('text') })]),
      4,
      4,
    ],
    [
      g.stat('Daemons', 'Programs of the projects that run, and those that should and do not. From boinc_server_daemons.', [
        now('sum(%s)' % e.daemons('SEL', 'running'), 'Running'),
        now('sum(%s)' % e.daemons('SEL', 'not_running'), 'Down'),
      ], 'none', g.badIfAny)
      .withOverrides([g.named('Running', { color: g.fixed('text') })]),
      4,
      4,
    ],
    [
      g.stat('Work', 'Projects that have tasks to send, and projects that have none. From boinc_server_tasks.', [
        now('count(%s > 0) or vector(0)' % unsent, 'With work'),
        now('count(%s == 0) or vector(0)' % unsent, 'Without'),
      ], 'none', g.warnIfAny)
      .withOverrides([g.named('With work', { color: g.fixed('text') })]),
      4,
      4,
    ],
    [
      g.stat('Tasks', 'Tasks that are ready to be sent, and tasks that are at clients, of all projects together. From boinc_server_tasks.', [
        now('sum(%s)' % unsent, 'To send'),
        now('sum(%s)' % of('boinc_server_tasks{SEL, state="in_progress"}'), 'In progress'),
      ], 'short')
      .withDefaults({ decimals: 1 }),
      4,
      4,
    ],
    [
      g.stat('Latest transitioner', 'How far the transitioner that is latest is behind. It moves work from one stage to the next; while it is late, all else waits. From boinc_server_transitioner_backlog_seconds.', [
        now('max(boinc_server_transitioner_backlog_seconds{SEL})'),
      ], 's', g.steps([[null, 'green']] + late[1:]))
      .withDefaults({ decimals: 0 }),
      3,
      4,
    ],
    [
      g.table('Projects', 'Every watched project: whether its server and its scheduler work, daemons that are down, tasks to send, and queues. A number that grows from day to day means that a daemon does not keep up. %s The age says how old these numbers are here. From boinc_server_*.' % hourly, [
        projectColumn(),
        value('Server', up, 'none', g.width(85) + g.background + g.shown(s.serverUp) + g.thresholds([[null, 'transparent']])),
        text('Trouble', 'reason', of('boinc_server_error{SEL} == 1', ['reason']), g.width(170) + g.colored + g.shown(s.reasons)),
        text('Scheduler', 'state', of('boinc_server_scheduler_state{SEL} == 1', ['state']), g.width(135) + g.colored + g.shown(s.scheduler)),
        value('Daemons down', down, 'none', g.width(120) + g.colored + { decimals: 0 } + g.thresholds([[null, 'text'], [1, 'red']])),
        value('To send', unsent, 'short', g.width(80) + g.orangeIfNone),
        value('No work for', withoutWork, 's', g.width(100) + g.colored + { decimals: 1 } + g.thresholds([[null, 'text'], [1, 'orange']])),
        value('In progress', of('boinc_server_tasks{SEL, state="in_progress"}'), 'short', g.width(100)),
        value('To validate', of('boinc_server_workunits{SEL, state="waiting_for_validation"}'), 'short', g.width(95)),
        value('Change, 24 h', of('delta(boinc_server_workunits{SEL, state="waiting_for_validation"}[1d])'), 'short', g.width(105)),
        value('Late by', of('boinc_server_transitioner_backlog_seconds{SEL}'), 's', g.width(85) + g.colored + { decimals: 0 } + g.thresholds(late)),
        value('Age', 'time() - %s' % of('boinc_server_collector_last_success_timestamp_seconds{SEL, collector="status"}'), 's', g.width(85) + g.colored + { decimals: 0 } + g.thresholds([[null, 'text'], [7200, 'orange']])),
      ], 'Server'),
      24,
      9,
    ],
    [
      g.timeline('Projects over time', 'The worst that is known of each project: its server or its scheduler is down, a daemon that should run does not, there are no tasks to send, or all is well. What is up may not say whether it has work. From boinc_server_up, boinc_server_scheduler_up, boinc_server_daemons and boinc_server_tasks.', [
        range(|||
          0 * (%(up)s == 0)
          or 1 + 0 * (%(scheduler)s == 0)
          or 2 + 0 * (%(down)s > 0)
          or 3 + 0 * (%(unsent)s == 0)
          or 4 + 0 * %(unsent)s
          or 5 + 0 * (%(up)s == 1)
          or 6 * %(asked)s
        ||| % { asked: asked, up: of('boinc_server_up{SEL}'), scheduler: of('boinc_server_scheduler_up{SEL}'), down: down, unsent: unsent }, '{{project}}'),
      ], s.projectNow),
      24,
      8,
    ],
  ],

  local workRow = [
    [g.row('Work')],
    [
      g.graph('Tasks to send', 'Tasks that are ready to be sent, by project. At zero, clients that ask get nothing. Select one project to see small numbers beside large ones. %s From boinc_server_tasks.' % hourly, [
        range(unsent, '{{project}}'),
      ], calcs=['min', 'max', 'lastNotNull']).lines,
      6,
      9,
    ],
    [
      g.graph('Tasks in progress', 'Tasks that are at clients, by project: a slow trend of how many compute. %s From boinc_server_tasks.' % hourly, [
        range(of('boinc_server_tasks{SEL, state="in_progress"}'), '{{project}}'),
      ], calcs=['min', 'max', 'lastNotNull']).lines,
      6,
      9,
    ],
    [
      g.table('Applications', 'Applications of the projects: tasks to send and in progress, how long the tasks took that were found valid within 24 hours, and how many users had some. From boinc_server_app_tasks, boinc_server_app_run_time_seconds and boinc_server_app_users.', [
        projectColumn(),
        g.label('App', 'app'),
        value('To send', of('boinc_server_app_tasks{SEL, state="unsent"}', ['app']), 'short', g.width(70) + g.orangeIfNone),
        value('In progress', of('boinc_server_app_tasks{SEL, state="in_progress"}', ['app']), 'short', g.width(110)),
        value('Run time', of('boinc_server_app_run_time_seconds{SEL, statistic="average"}', ['app']), 's', g.width(80) + { decimals: 1 }),
        value('Longest', of('boinc_server_app_run_time_seconds{SEL, statistic="maximum"}', ['app']), 's', g.width(80) + { decimals: 1 }),
        value('Users', of('boinc_server_app_users{SEL}', ['app']), 'short', g.width(60) + { decimals: 0 }),
      ], 'In progress', true),
      12,
      9,
    ],
  ],

  local queueRow = [
    [g.row('Queues')],
    [
      g.graph('Workunits that wait', 'Workunits by what they wait for, of all selected projects. A queue that grows from day to day means that its daemon is down or does not keep up: validators grant credit, assimilators take results over, file deleters free the disk. %s From boinc_server_workunits.' % hourly, [
        range('sum by (state) (%s)' % of('boinc_server_workunits{SEL}', ['state']), '{{state}}'),
      ], stack=true, calcs=['min', 'max', 'lastNotNull'])
      .withOverrides(g.series(s.queues)),
      8,
      9,
    ],
    [
      g.graph('Change of queues, 24 h', 'How much the queues of validators and assimilators grew or shrank within a day, by project. Above zero for days, credit comes later and later. From boinc_server_workunits.', [
        range('sum by (project) (%s)' % of('delta(boinc_server_workunits{SEL, state=~"waiting_for_validation|waiting_for_assimilation"}[1d])', ['state']), '{{project}}'),
      ], min=null, calcs=['min', 'max', 'lastNotNull']).lines,
      8,
      9,
    ],
    [
      g.graph('Transitioner is late by', 'How far the transitioner is behind, by project. It moves work from one stage to the next, and should not be late by more than minutes. From boinc_server_transitioner_backlog_seconds.', [
        range(of('boinc_server_transitioner_backlog_seconds{SEL}'), '{{project}}'),
      ], 's', calcs=['mean', 'max', 'lastNotNull'])
      .lines
      .withDefaults({ custom+: { thresholdsStyle: { mode: 'dashed' }, axisSoftMax: 600 }, thresholds: g.steps([[null, 'transparent'], [c.transitionerLateSeconds, 'red']]) }),
      8,
      9,
    ],
  ],

  local daemonRow = [
    [g.row('Daemons')],
    [
      g.table('Daemons', 'Programs of the projects: how many run, should run and do not, or are disabled by their operator. Without an application they work for all. From boinc_server_daemons.', [
        projectColumn(),
        g.label('Daemon', 'daemon', g.width(185)),
        g.label('App', 'app', g.width(110)),
        value('Runs', e.daemons('SEL', 'running'), 'none', g.width(60)),
        value('Down', e.daemons('SEL', 'not_running'), 'none', g.width(75) + g.colored + g.thresholds([[null, 'text'], [1, 'red']])),
        value('Disabled', e.daemons('SEL', 'disabled'), 'none', g.width(75) + g.colored + g.thresholds([[null, 'text'], [1, 'blue']])),
      ], 'Down', true),
      11,
      10,
    ],
    [
      g.timeline('Daemons that were down', 'Programs that did not run at some moment of the time range although they should. From boinc_server_daemons.', [
        range('label_join((%(down)s == bool 0) and on (project, daemon, app) (%(ever)s > 0), "program", " ", "daemon", "app")' % {
          down: e.daemons('SEL', 'not_running'),
          ever: of('max_over_time(boinc_server_daemons{SEL, status="not_running"}[$__range] @ end())', ['daemon', 'app']),
        }, '{{project}}: {{program}}'),
      ], s.daemon)
      .withDefaults({ noValue: 'none was down' }),
      13,
      10,
    ],
  ],

  local schedulerRow = [
    [g.row('Scheduler')],
    [
      g.timeline('Schedulers over time', 'What each scheduler said of itself: it works, it is stopped for maintenance, the feeder that gives it work or the database is down, the project has ended; or it did not answer. From boinc_server_scheduler_state, boinc_server_scheduler_up and boinc_server_collector_success.', [
        range(schedulerCode, '{{project}}'),
      ], schedulerStates),
      9,
      9,
    ],
    [
      g.graph('Time to answer', 'How long a scheduler took to answer a request without an account, which it does without looking for work. Seconds mean that the server is busy. From boinc_server_scheduler_duration_seconds.', [
        range(of('boinc_server_scheduler_duration_seconds{SEL}'), '{{project}}'),
      ], 's', calcs=['mean', 'max', 'lastNotNull']).lines,
      7,
      9,
    ],
    [
      g.table('Schedulers', 'How long a scheduler wants clients without an account to wait, whether it reached the database, and whether the operator stopped it or the web site. From boinc_server_scheduler_request_delay_seconds, boinc_server_scheduler_database_up, boinc_server_scheduler_stopped and boinc_server_web_stopped.', [
        projectColumn(),
        value('Asks to wait', of('boinc_server_scheduler_request_delay_seconds{SEL}'), 's', g.width(95) + { decimals: 0 }),
        value('Database', of('boinc_server_scheduler_database_up{SEL}'), 'none', g.width(72) + g.colored + g.shown(s.up)),
        value('Stopped', of('boinc_server_scheduler_stopped{SEL}'), 'none', g.width(75) + g.colored + g.shown(s.isOn { '1'+: { color: 'dark-yellow' } })),
        value('Site stopped', of('boinc_server_web_stopped{SEL}'), 'none', g.width(92) + g.colored + g.shown(s.isOn { '1'+: { color: 'dark-yellow' } })),
      ], 'Project'),
      8,
      9,
    ],
  ],

  local sizeRow = [
    [g.row('People and computers')],
    [
      g.graph('Computers', 'Computers with recent credit (an average above 1), by project. %s From boinc_server_hosts.' % hourly, [
        range(of('boinc_server_hosts{SEL, kind="with_recent_credit"}'), '{{project}}'),
      ], calcs=['min', 'max', 'lastNotNull']).lines,
      7,
      9,
    ],
    [
      g.graph('Daily credit', 'Credit that a project granted to all its users per day, as an average over a week, since it exports its credit once a day, in cobblestones. From boinc_server_credit.', [
        range(of('delta(boinc_server_credit{SEL}[7d]) / 7'), '{{project}}'),
      ], min=null, calcs=['mean', 'lastNotNull']).lines,
      6,
      9,
    ],
    [
      g.table('Users and computers', 'Users and computers with recent credit (an average above 1), and those that came within 24 hours; the speed that the project works out from credit; and how old its exported statistics are, which statistics sites read. From boinc_server_users, boinc_server_hosts, boinc_server_floating_point_operations_per_second and boinc_server_statistics_timestamp_seconds.', [
        projectColumn(),
        value('Users', of('boinc_server_users{SEL, kind="with_recent_credit"}'), 'short', g.width(75)),
        value('New', of('boinc_server_users{SEL, kind="registered_24h"}'), 'short', g.width(55) + { decimals: 0 }),
        value('Computers', of('boinc_server_hosts{SEL, kind="with_recent_credit"}'), 'short', g.width(110)),
        value('New ', of('boinc_server_hosts{SEL, kind="registered_24h"}'), 'short', g.width(55) + { decimals: 0 }),
        value('Speed', of('boinc_server_floating_point_operations_per_second{SEL}'), 'flops', g.width(110) + { decimals: 1 }),
        value('Exported', of('boinc_server_statistics_timestamp_seconds{SEL}') + ' * 1000', 'dateTimeFromNow', g.width(110)),
      ], 'Computers', true),
      11,
      9,
    ],
    [
      g.table('About', 'Version of the server as it calls itself, whether new accounts can be created, for how many platforms there are applications, and what the project exports: its credit, users, teams and computers. From boinc_server_info, boinc_server_account_creation_enabled, boinc_server_platforms, boinc_server_credit and boinc_server_exported.', [
        projectColumn(),
        text('Version', 'server_version', of('boinc_server_info{SEL}', ['server_version']), g.width(110)),
        value('Takes new accounts', of('boinc_server_account_creation_enabled{SEL}'), 'none', g.width(150) + g.shown(s.isOn)),
        value('Platforms', of('boinc_server_platforms{SEL}'), 'none', g.width(90)),
        value('Credit', of('boinc_server_credit{SEL}'), 'short', g.width(100) + { decimals: 2 }),
        value('Users with credit', of('boinc_server_exported{SEL, kind="users"}'), 'short', g.width(140)),
        value('Teams', of('boinc_server_exported{SEL, kind="teams"}'), 'short', g.width(90)),
        value('Computers with credit', of('boinc_server_exported{SEL, kind="hosts"}'), 'short', g.width(170)),
      ], 'Project'),
      24,
      7,
    ],
  ],

  local pageRow = [
    [g.row('How projects are asked', collapsed=true)],
    [
      g.table('Pages', 'Pages of the projects by collector: why one fails, and how old its values are. Many projects keep some pages to themselves; the others are not affected. `boinc_exporter check` explains what to do. From boinc_server_collector_error and boinc_server_collector_last_success_timestamp_seconds.', [
        projectColumn(),
        g.label('Page', 'collector', g.width(110)),
        text('Fails', 'reason', of('boinc_server_collector_error{SEL} == 1', ['collector', 'reason']), g.width(190) + g.colored + g.shown(s.reasons)),
        value('Works', of('boinc_server_collector_success{SEL}', ['collector']), 'none', g.width(70) + g.colored + g.shown({ '0': { text: 'no', color: 'orange' }, '1': { text: 'yes', color: 'text' } })),
        value('Age', 'time() - %s' % of('boinc_server_collector_last_success_timestamp_seconds{SEL}', ['collector']), 's', g.width(100) + { decimals: 1 }),
        value('Left out', of('boinc_server_dropped_series{SEL}', ['collector']) + ' > 0', 'none', g.width(80) + g.colored + g.thresholds([[null, 'text'], [1, 'orange']])),
      ], 'Works'),
      12,
      10,
    ],
    [
      g.hourly('Requests', 'Requests to projects per hour, by all exporters together, and how they ended. Projects are strangers: each page is asked once an hour or less. From boinc_server_requests_total.', [
        range('sum by (outcome) (increase(boinc_server_requests_total{SEL}[$__interval]))', '{{outcome}}'),
      ])
      .withOverrides(g.colors({ success: 'green', 'error': 'orange' })),
      12,
      10,
    ],
  ],

  grafanaDashboards+:: {
    'boinc-server.json': d.dashboard(
      config,
      'server',
      'Project server',
      'Servers of projects: whether they and their daemons work, whether there is work, and whether their queues grow.',
      [
        d.jobOfServers(config, 'boinc_server_collector_success'),
        d.projectOfServers(config, 'boinc_server_collector_success'),
      ],
      nowRow + workRow + queueRow + daemonRow + schedulerRow + sizeRow + pageRow,
      config.dashboards.projectsFrom
    ),
  },
}
