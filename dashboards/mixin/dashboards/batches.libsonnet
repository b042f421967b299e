// Batches of jobs that an account submitted to projects: how they go, when they are done, what fails.
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
  local of(expr, more=[]) = e.ofProject(expr, ['batch_id', 'app'] + more),
  local jobs(state) = of('boinc_batch_jobs{SEL, state="%s"}' % state),
  local inProgress = 'boinc_batch_state{SEL, state="in_progress"} == 1',
  local batches(state) = e.ofProject('boinc_batch_batches{SEL, state="%s"}' % state, ['app']),
  local failedSteps = [[null, 'green'], [c.batchFailedRatio / 2, 'orange'], [c.batchFailedRatio, 'red']],
  // The lease of a batch ends before it is expected to be done.
  local late = of('boinc_batch_remaining_seconds{SEL} > boinc_batch_expires_timestamp_seconds{SEL} - time()'),

  local nowRow = [
    [g.row('Now')],
    [
      g.stat('Batches', 'Batches by state, as the server lists them: those that are retired are not listed. From boinc_batch_batches.', [
        now('sum(%s)' % batches('in_progress'), 'In progress'),
        now('sum(%s)' % batches('complete'), 'Complete'),
        now('sum(%s)' % batches('aborted'), 'Aborted'),
      ], 'none')
      .withOverrides(g.colors({ 'In progress': 'green', Complete: 'text', Aborted: 'text' })),
      7,
      4,
    ],
    [
      g.stat('Jobs', 'Jobs of the listed batches that are not over, and those that failed. From boinc_batch_jobs.', [
        now('sum(%s)' % jobs('unfinished'), 'Unfinished'),
        now('sum(%s)' % jobs('failed'), 'Failed'),
      ], 'short')
      .withDefaults({ decimals: 0 })
      .withOverrides(g.colors({ Failed: 'orange' })),
      5,
      4,
    ],
    [
      g.stat('Failed', 'Share of the finished jobs of batches in progress that failed. From boinc_batch_jobs.', [
        now(e.failedJobs('', 'SEL', ' and ignoring (state) (%s)' % inProgress)),
      ], 'percentunit', g.steps(failedSteps))
      .withDefaults({ decimals: 1, noValue: 'none in progress' }),
      4,
      4,
    ],
    [
      g.stat('Done in', 'When the first and the last of the batches in progress will be done if they go on as they did so far. From boinc_batch_remaining_seconds.', [
        now('min(boinc_batch_remaining_seconds{SEL})', 'Next'),
        now('max(boinc_batch_remaining_seconds{SEL})', 'Last'),
      ], 's')
      .withDefaults({ decimals: 1, noValue: 'none in progress' }),
      5,
      4,
    ],
    [
      g.stat('Late', 'Batches whose lease ends before they are expected to be done. From boinc_batch_remaining_seconds and boinc_batch_expires_timestamp_seconds.', [
        now('count(%s) or vector(0)' % late),
      ], 'none', g.badIfAny),
      3,
      4,
    ],
    [
      g.table('Batches', 'Every batch that has series: the unfinished ones, then the newest. How far it is, how many of its jobs failed, when it will be done if it goes on as it did so far, and when its lease ends, after which the server may delete its files. Names are collected by choice (names). From boinc_batch_*.', [
        g.label('Project', 'project', g.width(145)),
        g.label('Batch', 'batch_id', g.width(70)),
        text('Name', 'batch_name', of('boinc_batch_info{SEL}', ['batch_name'])),
        g.label('App', 'app', g.width(130)),
        text('State', 'state', of('boinc_batch_state{SEL} == 1', ['state']), g.width(105) + g.colored + g.shown(s.batch)),
        value('Progress', of('boinc_batch_progress_ratio{SEL}'), 'percentunit', g.width(120) + g.gauge() + g.fixedColor('green') + { decimals: 0 }),
        value('Jobs', 'sum by (project, batch_id, app) (%s)' % of('boinc_batch_jobs{SEL}', ['state']), 'none', g.width(75)),
        value('Failed', jobs('failed'), 'none', g.width(70)),
        value('Failed share', e.failedJobs('project, batch_id, app', 'SEL'), 'percentunit', g.width(105) + g.colored + { decimals: 1 } + g.thresholds([[null, 'text']] + failedSteps[1:])),
        value('Done in', of('boinc_batch_remaining_seconds{SEL}'), 's', g.width(90) + { decimals: 1 }),
        value('Lease ends in', of('boinc_batch_expires_timestamp_seconds{SEL} - time()'), 's', g.width(115) + g.colored + { decimals: 1 } + g.timeLeft('text', 86400)),
        value('Made', of('boinc_batch_created_timestamp_seconds{SEL}') + ' * 1000', 'dateTimeFromNow', g.width(115)),
        value('Took', of('boinc_batch_completed_timestamp_seconds{SEL} - boinc_batch_created_timestamp_seconds{SEL}'), 's', g.width(85) + { decimals: 1 }),
        value('Credit', of('boinc_batch_credit{SEL}'), 'short', g.width(85) + { decimals: 1 }),
      ], 'Made', true)
      .withDefaults({ noValue: '–' }),
      24,
      10,
    ],
  ],

  local timeRow = [
    [g.row('Over time')],
    [
      g.graph('Progress', 'Progress of the batches in progress: jobs that succeeded or failed, of all. A line that is flat for hours is a batch that waits: there are no computers for its application, or a daemon of the project is down. From boinc_batch_progress_ratio.', [
        range('topk(20, %s)' % of('boinc_batch_progress_ratio{SEL} and ignoring (state) (%s)' % inProgress), '{{project}}: {{batch_id}}'),
      ], 'percentunit', calcs=['lastNotNull'])
      .lines
      .withDefaults({ max: 1, noValue: 'none in progress' }),
      8,
      10,
    ],
    [
      g.graph('Unfinished jobs', 'Jobs of all batches that are not over, by project and application. From boinc_batch_jobs.', [
        range('sum by (project, app) (%s)' % jobs('unfinished'), '{{project}}: {{app}}'),
      ], stack=true, calcs=['min', 'max', 'lastNotNull'])
      .withDefaults({ decimals: 0 }),
      8,
      10,
    ],
    [
      g.graph('Batches by state', 'Batches of all projects by state, as the server lists them. Complete ones stay until somebody retires them. From boinc_batch_batches.', [
        range('sum by (state) (%s)' % e.ofProject('boinc_batch_batches{SEL}', ['app', 'state']), '{{state}}'),
      ], 'none', stack=true, calcs=['min', 'max', 'lastNotNull'])
      .withDefaults({ decimals: 0 })
      .withOverrides(g.series(s.batch)),
      8,
      10,
    ],
    [
      g.hourly('Finished jobs', 'Jobs that ended, per hour, by how. From boinc_batch_jobs.', [
        range('sum by (state) (%s > 0)' % of('delta(boinc_batch_jobs{SEL, state=~"succeeded|failed"}[$__interval])', ['state']), '{{state}}'),
      ], legend='bottom')
      .withOverrides(g.series(s.jobs)),
      7,
      10,
    ],
    [
      g.graph('Failed jobs', 'Share of the finished jobs of a batch that failed, for the batches of which more than one in fifty did. If it rises for all batches of an application, suspect the application or its input; if for one, that batch. From boinc_batch_jobs.', [
        range('topk(15, %s > 0.02)' % e.failedJobs('project, batch_id, app', 'SEL'), '{{project}}: {{batch_id}}'),
      ], 'percentunit', calcs=['max', 'lastNotNull'])
      .lines
      .withDefaults({ noValue: 'few failed', custom+: { thresholdsStyle: { mode: 'dashed' }, axisSoftMax: 0.3 }, thresholds: g.steps([[null, 'transparent'], [c.batchFailedRatio, 'red']]) }),
      7,
      10,
    ],
    [
      g.table('Applications', 'Batches by application: how many there are, how many of their jobs failed, and how long the complete ones took from first to last. From boinc_batch_batches, boinc_batch_jobs, boinc_batch_created_timestamp_seconds and boinc_batch_completed_timestamp_seconds.', [
        g.label('Project', 'project'),
        g.label('App', 'app', g.width(110)),
        value('In progress', batches('in_progress'), 'none', g.width(110)),
        value('Complete', batches('complete'), 'none', g.width(85)),
        value('Failed share', e.failedJobs('project, app', 'SEL'), 'percentunit', g.width(105) + g.colored + { decimals: 1 } + g.thresholds([[null, 'text']] + failedSteps[1:])),
        value('Took', 'avg by (project, app) (%s)' % of('boinc_batch_completed_timestamp_seconds{SEL} - boinc_batch_created_timestamp_seconds{SEL}'), 's', g.width(85) + { decimals: 1 }),
      ], 'In progress', true),
      10,
      10,
    ],
  ],

  grafanaDashboards+:: {
    'boinc-batches.json': d.dashboard(
      config,
      'batches',
      'Batches',
      'Batches of jobs that an account submitted to projects: how they go, when they will be done, what fails.',
      [
        d.jobOfServers(config, 'boinc_batch_batches'),
        d.projectOfServers(config, 'boinc_batch_batches'),
      ],
      nowRow + timeRow,
      config.dashboards.projectsFrom
    ),
  },
}
