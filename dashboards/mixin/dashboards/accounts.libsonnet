// Accounts at projects, as the projects know them: credit everywhere against what the watched clients earned, results found valid
// and invalid, computers that have gone silent, teams.
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
  local toClient = g.link('Client ${__data.fields.Client}', d.url(config, 'client', 'var-client=${__data.fields.Client:percentencode}')),
  local of(expr, more=[]) = e.ofProject(expr, more),

  local account(expr) = of(expr, ['user_id']),
  local earned(range) = account('delta(boinc_account_credit{SEL}[%s])' % range),
  // What the watched clients of the chosen groups earned for these accounts. Whether anybody watches a computer is asked of all.
  local chosen = 'CSEL, client!~"$others"',
  local watched(days) = e.ofWatched('delta(boinc_project_host_credit{%s}[%dd])' % [chosen, days], chosen, 'SEL', days),
  local ofWatched(days) = 'sum by (project, user_id) (%s)' % watched(days),
  local silent = e.silent('SEL', 'CSEL', c.computerSilentDays, c.computerRetiredDays),
  // Of projects that do not tell what became of results, all would wait for ever. Each exporter tells of the clients that it
  // watches.
  local waiting = 'sum by (project, app, resource, state) (boinc_validation_tasks_waiting{SEL} unless on (job, instance, project_url) (boinc_server_collector_success{SEL, collector="validation"} == 0))',
  local byChoice = 'needs the collector validation',
  local invalidSteps = [[null, 'green'], [0.02, 'orange'], [c.invalidRatio, 'red']],

  local nowRow = [
    [g.row('Now')],
    [
      g.stat('Credit', 'Total credit of all accounts as the projects know it, in cobblestones. From boinc_account_credit.', [
        now('sum(%s)' % account('boinc_account_credit{SEL}')),
      ])
      .withDefaults({ decimals: 2 }),
      3,
      4,
    ],
    [
      g.stat('Daily average', 'Recent average credit (RAC) of all accounts, in cobblestones per day, with a half-life of one week. From boinc_account_average_credit.', [
        now('sum(%s)' % account('boinc_account_average_credit{SEL}')),
      ])
      .withDefaults({ decimals: 1 }),
      3,
      4,
    ],
    [
      g.stat('Credit, 24 h', 'Credit granted in the last day: to the accounts, wherever they compute, and to the clients that are watched here, of the chosen groups, as they have heard of it. The difference is what other computers earned, and credit that clients have yet to hear of. From boinc_account_credit and boinc_project_host_credit.', [
        now('sum(%s)' % earned('1d'), 'Accounts'),
        now('sum(%s)' % watched(1), 'Watched'),
      ])
      .withDefaults({ decimals: 1, color: g.fixed('green') }),
      4,
      4,
    ],
    [
      g.stat('Computers', 'Computers of the accounts that contacted their project within 7 days, and computers that no exporter watches and that have been silent for %d to %d days although they earned credit until then. A computer counts once for each project. Only with the account key. From boinc_account_hosts_active, boinc_account_host_last_contact_timestamp_seconds and boinc_project_info.' % [c.computerSilentDays, c.computerRetiredDays], [
        now('sum(%s)' % account('boinc_account_hosts_active{SEL}'), 'Active'),
        now('count(%s) or vector(0)' % silent, 'Silent'),
      ], 'none', g.badIfAny)
      .withOverrides([g.named('Active', { color: g.fixed('text') })]),
      4,
      4,
    ],
    [
      g.stat('Results, 24 h', 'Results of the watched clients that the projects found valid and invalid in the last day. From boinc_validation_tasks_total.', [
        now('sum(increase(boinc_validation_tasks_total{SEL, outcome="valid"}[1d]))', 'Valid'),
        now('sum(increase(boinc_validation_tasks_total{SEL, outcome="invalid"}[1d]))', 'Invalid'),
      ], 'none')
      .withDefaults({ decimals: 0, noValue: byChoice })
      .withOverrides(g.colors({ Valid: 'green', Invalid: 'orange' })),
      4,
      4,
    ],
    [
      g.stat('Invalid, 24 h', 'Share of the results decided in the last day that the projects found invalid: they earn nothing. One in a hundred is normal. From boinc_validation_tasks_total.', [
        now(e.invalidRatio('', 'SEL', '1d')),
      ], 'percentunit', g.steps(invalidSteps))
      .withDefaults({ decimals: 1, noValue: byChoice }),
      3,
      4,
    ],
    [
      g.stat('Undecided', 'Results of the watched clients on which the projects have not decided: another computer has to return the same task first, or a validator is behind. From boinc_validation_tasks_waiting.', [
        now('sum(%s)' % waiting),
      ], 'short')
      .withDefaults({ decimals: 0, noValue: byChoice }),
      3,
      4,
    ],
    [
      g.table('Accounts', 'Every account: credit and recent average credit per day as the project knows them, also at projects that no watched client is attached to; what was granted in the last day, and how much of it the watched clients earned; the computers of the account (only with the account key), and the clients that are watched here, of the chosen groups. The watched share is of the last 7 days. It can be above 100 %: clients hear of credit when they next contact the project, so that some of these days was granted before them, and the account is asked only once an hour. The age says how old these numbers are. From boinc_account_*, boinc_project_host_credit and boinc_project_info.', [
        projectColumn(),
        g.label('Account', 'user_id', g.width(100)),
        value('Credit', account('boinc_account_credit{SEL}'), 'short', g.width(95) + { decimals: 2 }),
        value('RAC', account('boinc_account_average_credit{SEL}'), 'short', g.width(115) + { decimals: 1 }),
        value('7 days', earned('7d'), 'short', g.width(90) + { decimals: 1 }),
        value('24 h', earned('1d'), 'short', g.width(90) + { decimals: 1 }),
        value('Watched, 24 h', ofWatched(1), 'short', g.width(115) + { decimals: 1 }),
        value('Watched share', '%s / (%s > 0)' % [ofWatched(7), earned('7d')], 'percentunit', g.width(150) + g.gauge() + g.fixedColor('green') + { decimals: 0 }),
        value('Computers', account('boinc_account_hosts{SEL}'), 'none', g.width(90)),
        value('Active', account('boinc_account_hosts_active{SEL}'), 'none', g.width(70)),
        value('Clients', 'sum by (project, user_id) (%s)' % e.ofWatched('group without (host_id, user_id, team_id, venue) (boinc_project_info{%s})' % chosen, chosen, 'SEL', 1), 'none', g.width(70)),
        value('Age', 'time() - %s' % of('boinc_server_collector_last_success_timestamp_seconds{SEL, collector="account"}') + ' + on (project) group_right () 0 * %s' % account('boinc_account_credit{SEL}'), 's', g.width(85) + g.colored + { decimals: 0 } + g.thresholds([[null, 'text'], [7200, 'orange']])),
      ], 'RAC', true),
      24,
      8,
    ],
  ],

  local creditRow = [
    [g.row('Credit')],
    [
      g.graph('Daily credit by project', 'Credit granted to the accounts within a day, by project, in cobblestones. From boinc_account_credit.', [
        range('sum by (project) (%s)' % earned('1d'), '{{project}}'),
      ], stack=true, calcs=['mean', 'lastNotNull'], min=null),
      8,
      9,
    ],
    [
      g.graph('Accounts and watched clients', 'Credit granted within a day to the accounts, and to the clients that are watched here, of the chosen groups, for the projects of these accounts. What is between the lines was earned elsewhere. Clients hear of credit when they next contact the project. From boinc_account_credit and boinc_project_host_credit.', [
        range('sum(%s)' % earned('1d'), 'accounts'),
        range('sum(%s)' % watched(1), 'watched clients'),
      ], calcs=['mean', 'lastNotNull'], min=null)
      .withOverrides(g.colors({ accounts: 'text', 'watched clients': 'green' })),
      8,
      9,
    ],
    [
      g.graph('Average credit', 'Recent average credit (RAC) of the accounts at this moment, by project, in cobblestones per day, with a half-life of one week: a slow trend. From boinc_account_average_credit.', [
        range('sum by (project) (%s)' % account('boinc_account_average_credit{SEL}'), '{{project}}'),
      ], calcs=['min', 'max', 'lastNotNull']).lines,
      8,
      9,
    ],
  ],

  local validRow = [
    [g.row('Valid and invalid')],
    [
      g.hourly('Decided results', 'Results of the watched clients that the projects decided on, per hour, by what they found. Some projects forget results before they are asked. From boinc_validation_tasks_total.', [
        range('sum by (outcome) (increase(boinc_validation_tasks_total{SEL}[$__interval]))', '{{outcome}}'),
      ], legend='bottom')
      .withDefaults({ noValue: byChoice })
      .withOverrides(g.series(s.validation)),
      8,
      9,
    ],
    [
      g.graph('Undecided results', 'Results of the watched clients that wait: pending ones for the result of another computer or for a validator, inconclusive ones for one more computer, since the first two do not agree. From boinc_validation_tasks_waiting.', [
        range('sum by (state) (%s)' % waiting, '{{state}}'),
      ], 'none', stack=true, calcs=['min', 'max', 'lastNotNull'])
      .withDefaults({ decimals: 0, noValue: byChoice })
      .withOverrides(g.series(s.undecided)),
      8,
      9,
    ],
    [
      g.graph('Daily credit by device', 'Credit granted within a day for results of the watched clients, by what computed them: CPUs and GPUs apart. From boinc_validation_credit_total.', [
        range('sum by (resource) (label_replace(increase(boinc_validation_credit_total{SEL}[1d]), "resource", "unknown", "resource", ""))', '{{resource}}'),
      ], stack=true, calcs=['mean', 'lastNotNull'])
      .withDefaults({ noValue: byChoice })
      .withOverrides(g.renamed(s.devices)),
      8,
      9,
    ],
    [
      g.table('Applications', 'Results of the watched clients by application and by what computed them, in the time range: how many the project found valid and invalid, what they earned, and how many still wait. Invalid results of one application on one kind of device point to that device: overclocking, heat, a driver. From boinc_validation_tasks_total, boinc_validation_credit_total and boinc_validation_tasks_waiting.', [
        projectColumn(),
        g.label('App', 'app'),
        g.label('Device', 'resource', g.width(150) + g.texts(s.devices)),
        value('Valid', 'sum by (project, app, resource) (increase(boinc_validation_tasks_total{SEL, outcome="valid"}[$__range]))', 'none', g.width(100) + { decimals: 0 }),
        value('Invalid', 'sum by (project, app, resource) (increase(boinc_validation_tasks_total{SEL, outcome="invalid"}[$__range]))', 'none', g.width(100) + { decimals: 0 }),
        value('Invalid share', e.invalidRatio('project, app, resource', 'SEL', '$__range'), 'percentunit', g.width(120) + g.colored + { decimals: 1 } + g.thresholds([[null, 'text']] + invalidSteps[1:])),
        value('Undecided', 'sum by (project, app, resource) (%s)' % waiting, 'none', g.width(110)),
        value('Credit', 'sum by (project, app, resource) (increase(boinc_validation_credit_total{SEL}[$__range]))', 'short', g.width(110) + { decimals: 1 }),
        value('Credit per result', 'sum by (project, app, resource) (increase(boinc_validation_credit_total{SEL}[$__range])) / (sum by (project, app, resource) (increase(boinc_validation_tasks_total{SEL, outcome="valid"}[$__range])) > 0)', 'short', g.width(140) + { decimals: 1 }),
      ], 'Credit', true)
      .withDefaults({ noValue: '–' }),
      24,
      8,
    ],
  ],

  local hostRow = [
    [g.row('Computers')],
    [
      g.table('Computers', 'Computers of the accounts that were heard of within 90 days, as the projects know them; only with the account key. Those that have a client here are watched, the others are not. One that is attached to several projects may rightly leave one of them alone for days. Names are collected by choice (names). From boinc_account_host_*, boinc_project_info.', [
        projectColumn(),
        g.label('Computer', 'host_id', g.width(100)),
        text('Name', 'host_name', of('boinc_account_host_info{SEL}', ['host_id', 'host_name']), g.width(150)),
        text('Client', 'client', 'max by (project, host_id, client) (max by (project, site_url, host_id) (%s) * on (site_url, host_id) group_left (client) topk by (site_url, host_id) (1, max by (site_url, host_id, client) (%s)))' % [
          e.withSite('boinc_account_host_credit{SEL} ^ 0'),
          e.withSite('boinc_project_info{CSEL}'),
        ], g.width(130) + { links: [toClient] }),
        value('Silent for', of('time() - boinc_account_host_last_contact_timestamp_seconds{SEL}', ['host_id']), 's', g.width(100) + g.colored + { decimals: 1 } + g.thresholds([[null, 'text'], [c.computerSilentDays * 86400, 'orange'], [2 * c.computerSilentDays * 86400, 'red'], [c.computerRetiredDays * 86400, 'text']])),
        value('RAC', of('boinc_account_host_average_credit{SEL}', ['host_id']), 'short', g.width(115) + { decimals: 1 }),
        value('7 days', of('delta(boinc_account_host_credit{SEL}[7d])', ['host_id']), 'short', g.width(90) + { decimals: 1 }),
        value('24 h', of('delta(boinc_account_host_credit{SEL}[1d])', ['host_id']), 'short', g.width(90) + { decimals: 1 }),
        value('Credit', of('boinc_account_host_credit{SEL}', ['host_id']), 'short', g.width(95) + { decimals: 2 }),
      ], 'RAC', true)
      .withDefaults({ noValue: '–' }),
      16,
      10,
    ],
    [
      g.graph('Silent for', 'For how long the computers that have been silent for longer than a day have not contacted their project; those that were heard of within %d days. From boinc_account_host_last_contact_timestamp_seconds.' % c.computerRetiredDays, [
        range('topk(15, %s > 86400 < %d)' % [of('time() - boinc_account_host_last_contact_timestamp_seconds{SEL}', ['host_id']), c.computerRetiredDays * 86400], '{{project}}: {{host_id}}'),
      ], 's', calcs=['lastNotNull'])
      .lines
      .withDefaults({ noValue: 'none is silent', custom+: { thresholdsStyle: { mode: 'dashed' }, axisSoftMax: 7 * 86400 }, thresholds: g.steps([[null, 'transparent'], [c.computerSilentDays * 86400, 'red']]) }),
      8,
      10,
    ],
  ],

  local teamRow = [
    [g.row('Teams', collapsed=true)],
    [
      g.table('Teams', 'Teams that are watched: credit, recent average credit per day, and members, all and those with recent credit (an average above 1), as the projects know them. Names and members are collected by choice (names, members). From boinc_team_*.', [
        projectColumn(),
        g.label('Team', 'team_id', g.width(85)),
        text('Name', 'team_name', of('boinc_team_info{SEL}', ['team_id', 'team_name']), g.width(160)),
        value('Credit', of('boinc_team_credit{SEL}', ['team_id']), 'short', g.width(90) + { decimals: 2 }),
        value('RAC', of('boinc_team_average_credit{SEL}', ['team_id']), 'short', g.width(115) + { decimals: 1 }),
        value('7 days', of('delta(boinc_team_credit{SEL}[7d])', ['team_id']), 'short', g.width(90) + { decimals: 1 }),
        value('Members', of('boinc_team_members{SEL, kind="all"}', ['team_id']), 'short', g.width(85)),
        value('Active', of('boinc_team_members{SEL, kind="with_recent_credit"}', ['team_id']), 'short', g.width(75)),
      ], 'RAC', true)
      .withDefaults({ noValue: 'no team is watched' }),
      14,
      8,
    ],
    [
      g.graph('Average credit of teams', 'Recent average credit (RAC) of the teams at this moment, in cobblestones per day. From boinc_team_average_credit.', [
        range(of('boinc_team_average_credit{SEL}', ['team_id']), '{{project}}: {{team_id}}'),
      ], calcs=['min', 'max', 'lastNotNull'])
      .withDefaults({ noValue: 'no team is watched' }).lines,
      10,
      8,
    ],
  ],

  grafanaDashboards+:: {
    'boinc-accounts.json': d.dashboard(
      config,
      'accounts',
      'Accounts',
      'Accounts at projects: credit everywhere against what the watched clients earned, valid and invalid results, silent computers, teams.',
      [
        d.jobOfServersAndClients(config),
        d.group(config),
        d.others(config),
        d.projectOfServers(config, 'boinc_server_collector_success'),
      ],
      nowRow + creditRow + validRow + hostRow + teamRow,
      config.dashboards.projectsFrom
    ),
  },
}
