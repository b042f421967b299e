// Alerts. A client that is down has no series but boinc_up and its errors, so no other alert speaks of it then.
local query = import '../lib/query.libsonnet';

{
  local c = $._config.alerts,
  local config = $._config,
  local r = query.forRule(config),
  local client = query.client,
  local ofProject = client + ', project, project_url',

  // An alert. `dashboard` is a name of _config.dashboards.uids; the labels that the alert has become its variables.
  local alert(name, severity, expr, wait, summary, description, dashboard='client', labels=['client']) = {
    alert: name,
    expr: query.block(r(expr)),
    [if wait != '0s' then 'for']: wait,
    labels: { severity: severity },
    annotations: {
      summary: summary,
      description: description,
      dashboard_url: config.grafanaUrl + '/d/' + config.dashboards.uids[dashboard] +
                     (if labels == [] then '' else '?' + std.join('&', ['var-%s={{ $labels.%s | urlquery }}' % [l, l] for l in labels])),
      runbook_url: config.runbookUrl + std.asciiLower(name),
    },
  },
  // What a query has in a label now, for the text: labels that change would begin an alert anew.
  local now(expr, label, by='$labels.client') = '{{ range $i, $s := query (printf `%s` %s) }}{{ if $i }}, {{ end }}{{ $s.Labels.%s }}{{ end }}' % [expr, by, label],
  local whyIdle = now('boinc_resource_idle_reason{client=%q, resource=%q} == 1', 'reason', '$labels.client $labels.resource'),

  local exporter = {
    name: 'boinc-exporter',
    rules: [
      alert(
        'BoincExporterAbsent',
        'critical',
        'absent(boinc_up{SEL}) unless on () up{JOBS} == 0',
        c.exporterDownFor,
        'Prometheus has no data of any BOINC client.',
        'No exporter is scraped, or the exporters have no clients. Look at the targets of Prometheus and at its scrape configuration.',
        'exporter',
        [],
      ),
      alert(
        'BoincExporterDown',
        'critical',
        'count by (job) (up{JOBS} == 0) > 0',
        c.exporterDownFor,
        'Targets of the job {{ $labels.job }} do not answer: {{ $value }}.',
        "Prometheus cannot scrape the exporter, so nothing is known of its clients. Look at the exporter's log.",
        'exporter',
        ['job'],
      ),
      alert(
        'BoincConfigReloadFailed',
        'warning',
        'boinc_exporter_config_last_reload_successful{SEL} == 0',
        c.reloadFailedFor,
        'The exporter {{ $labels.instance }} cannot read its configuration.',
        'The configuration before is still in force. `boinc_exporter --config.check` says what is wrong, in which line.',
        'exporter',
        ['job', 'instance'],
      ),
      alert(
        'BoincCollectorFailing',
        'warning',
        'boinc_scrape_collector_success{SEL} == 0 and on (%s) boinc_up{SEL} == 1' % client,
        c.collectorFailingFor,
        'The request {{ $labels.collector }} of client {{ $labels.client }} fails.',
        'Other data of the client is good. `boinc_exporter check` says why the request fails and what to mend.',
        'exporter',
      ),
    ],
  },

  local clients = {
    name: 'boinc-clients',
    rules: [
      alert(
        'BoincClientDown',
        'warning',
        |||
          boinc_up{%s} == 0
          unless on (%s) boinc_scrape_error{SEL, reason=~"%s"} == 1
        ||| % [query.join(['SEL', c.alwaysOnSelector]), client, self.loginReasons],
        c.clientDownFor,
        'BOINC client {{ $labels.client }} does not answer.',
        'No answer for %s, because: %s. The computer is off, the client does not run, or the way there is closed.' % [c.clientDownFor, now('boinc_scrape_error{client=%q} == 1', 'reason')],
      ),
      alert(
        'BoincLoginFailed',
        'warning',
        'boinc_up{SEL} == 0 and on (%s) boinc_scrape_error{SEL, reason=~"%s"} == 1' % [client, self.loginReasons],
        c.loginFailedFor,
        'BOINC client {{ $labels.client }} does not let the exporter in.',
        'It answers and refuses: %s. The password or the list of hosts that may ask is not right.' % now('boinc_scrape_error{client=%q} == 1', 'reason'),
      ),
      alert(
        'BoincClockSkew',
        'warning',
        'abs(boinc_client_clock_timestamp_seconds{SEL} - timestamp(boinc_client_clock_timestamp_seconds{SEL})) > %g' % c.clockSkewSeconds,
        c.clockSkewFor,
        'The clock of {{ $labels.client }} is {{ $value | humanizeDuration }} off.',
        'The client reckons deadlines and back-offs with this clock. Set it, and keep it right by NTP.',
        'fleet',
      ),
      alert(
        'BoincClientRestarts',
        'warning',
        'changes(boinc_client_start_timestamp_seconds{SEL}[1h]) >= %g' % c.restartsInHour,
        '0s',
        'BOINC client {{ $labels.client }} started {{ $value }} times within an hour.',
        'It crashes, or something stops and starts it. Tasks lose what they computed since their last checkpoint.',
      ),
      alert(
        'BoincUpdateAvailable',
        'info',
        'boinc_client_update_available{SEL} == 1',
        c.updateAvailableFor,
        'There is a newer BOINC for {{ $labels.client }}.',
        'The client tells of version %s in its notices.' % now('boinc_client_update_info{client=%q}', 'newer_version'),
      ),
      alert(
        'BoincUserAlert',
        'info',
        'boinc_client_clock_timestamp_seconds{SEL} - on (%s) group_right () boinc_message_last_timestamp_seconds{SEL, priority="user_alert"} < %g' % [client, c.userAlertSeconds],
        '0s',
        'BOINC client {{ $labels.client }} has a message for its user.',
        "It came within the last hour and is in the client's notices and event log.",
      ),
    ],
    loginReasons:: 'wrong_password|unauthorized|password_file|host_denied',
  },

  local computing = {
    name: 'boinc-computing',
    rules: [
      alert(
        'BoincIdleWithWork',
        'warning',
        |||
          (
            boinc_resource_idle{SEL, resource="CPU"} >= %(ratio)g * boinc_resource_usable{SEL, resource="CPU"}
            or
            boinc_resource_idle{SEL, resource!="CPU"} >= 1
          )
          and on (%(client)s, resource)
          boinc_resource_idle_reason{SEL, reason=~"not_scheduled|memory|postponed|network|downloading|unknown"} == 1
        ||| % { ratio: c.idleCpuRatio, client: client },
        c.idleFor,
        '{{ $value }} x {{ $labels.resource }} of {{ $labels.client }} idle, with work there.',
        'For %s, because: %s. Nobody suspended it.' % [c.idleFor, whyIdle],
      ),
      alert(
        'BoincOutOfWork',
        'warning',
        |||
          boinc_resource_idle{SEL} >= boinc_resource_usable{SEL} > 0
          and on (%(client)s, resource)
          boinc_resource_idle_reason{SEL, reason=~"no_work|deferred"} == 1
          and on (%(client)s, resource) (
            boinc_resource_usable{SEL, resource="CPU"}
            or
            max_over_time((boinc_resource_usable{SEL, resource!="CPU"} - boinc_resource_idle{SEL, resource!="CPU"})[%(within)s:10m]) > 0
          )
          unless on (%(client)s)
          boinc_suspended{SEL, resource="network"} == 1
        ||| % { client: client, within: c.gpuUsedWithin },
        c.outOfWorkFor,
        '{{ $labels.client }} has no work for {{ $labels.resource }}.',
        'No task for %s, because: %s. New tasks are allowed, and no project sends any.' % [c.outOfWorkFor, whyIdle],
      ),
      alert(
        'BoincGpuVanished',
        'warning',
        |||
          max_over_time(boinc_host_coprocessors{SEL}[%s]) - boinc_host_coprocessors{SEL} > 0
        ||| % c.gpuSeenWithin,
        c.gpuVanishedFor,
        'GPUs of {{ $labels.client }} are gone: {{ $value }}.',
        'The client had more GPUs within %s. It looks for them only when it starts: the driver was not loaded then, or the GPU is broken.' % c.gpuSeenWithin,
      ),
      alert(
        'BoincTaskStalled',
        'warning',
        'boinc_tasks_stalled{SEL} > 0',
        c.stalledFor,
        'Tasks of {{ $labels.project }} stand still on {{ $labels.client }}: {{ $value }}.',
        'They ran for an hour without progress and with less than 10 s of CPU time. They hold a CPU or GPU and may do so for weeks.',
        'tasks',
        ['client', 'project'],
      ),
      alert(
        'BoincDeadlineAtRisk',
        'warning',
        'boinc_tasks_deadline_at_risk{SEL} > 0 unless on (%s, project_url) boinc_tasks_overdue{SEL} > 0' % client,
        c.deadlineAtRiskFor,
        'Tasks of {{ $labels.project }} on {{ $labels.client }} will miss their deadline: {{ $value }}.',
        'Even if the client runs all its tasks in the order of their deadlines, by its own estimates.',
        'client',
        ['client', 'project'],
      ),
      alert(
        'BoincDeadlineMissed',
        'warning',
        'boinc_tasks_overdue{SEL} > 0',
        c.deadlineMissedFor,
        'Tasks of {{ $labels.project }} on {{ $labels.client }} are past their deadline: {{ $value }}.',
        'The project has probably given them to others. Computing on may bring no credit.',
        'tasks',
        ['client', 'project'],
      ),
      alert(
        'BoincErrorRate',
        'warning',
        |||
          sum by (%(by)s) (increase(boinc_project_jobs_total{SEL, outcome="error"}[%(range)s]))
          / sum by (%(by)s) (increase(boinc_project_jobs_total{SEL}[%(range)s]))
          > %(ratio)g
          and
          sum by (%(by)s) (increase(boinc_project_jobs_total{SEL, outcome="error"}[%(range)s])) >= %(least)g
        ||| % { by: ofProject, range: c.errorRange, ratio: c.errorRatio, least: c.errorsAtLeast },
        '0s',
        '{{ $value | humanizePercentage }} of the tasks of {{ $labels.project }} fail on {{ $labels.client }}.',
        'Of those that ended within %s, counting aborted ones. Exit codes and applications are on the dashboard.' % c.errorRange,
        'projects',
        ['client', 'project'],
      ),
      alert(
        'BoincNoCredit',
        'warning',
        |||
          delta(boinc_project_host_credit{SEL}[%(range)s]) <= 0
          and on (%(by)s)
          boinc_project_host_credit{SEL} offset %(range)s
          and on (%(by)s)
          sum by (%(by)s) (increase(boinc_project_jobs_total{SEL, outcome="success"}[%(range)s])) >= %(least)g
        ||| % { by: ofProject, range: c.noCreditRange, least: c.noCreditTasksAtLeast },
        '0s',
        '{{ $labels.client }} got no credit of {{ $labels.project }} for %s.' % c.noCreditRange,
        'It reported tasks as successful meanwhile. Their results are invalid, or the project does not validate.',
        'projects',
        ['client', 'project'],
      ),
    ],
  },

  local stuck(direction) = |||
    %(ago)s > %(seconds)g
    unless on (%(client)s)
    boinc_suspended{SEL, resource="network"} == 1
  ||| % {
    ago: 'boinc_client_clock_timestamp_seconds{SEL} - on (%s) group_right () boinc_transfers_oldest_request_timestamp_seconds{SEL, direction="%s"}' % [client, direction],
    seconds: c.transferStuckSeconds,
    client: client,
  },
  // Projects that the user does not want contacted.
  local wanted = |||
    unless on (%(by)s) (
      boinc_project_suspended{SEL} == 1 or boinc_project_ended{SEL} == 1
    )
    unless on (%(client)s) boinc_suspended{SEL, resource="network"} == 1
  ||| % { by: ofProject, client: client },

  local projects = {
    name: 'boinc-projects',
    rules: [
      alert(
        'BoincUploadsStuck',
        'warning',
        stuck('upload'),
        c.transferStuckFor,
        'Uploads of {{ $labels.client }} to {{ $labels.project }} are stuck.',
        'The oldest was first tried {{ $value | humanizeDuration }} ago. Results that are not uploaded miss their deadlines, and too many of them stop new work.',
        'client',
        ['client', 'project'],
      ),
      alert(
        'BoincDownloadsStuck',
        'warning',
        stuck('download'),
        c.transferStuckFor,
        'Downloads of {{ $labels.client }} from {{ $labels.project }} are stuck.',
        'The oldest was first tried {{ $value | humanizeDuration }} ago. Its task cannot begin, and a stalled download stops new work.',
        'client',
        ['client', 'project'],
      ),
      alert(
        'BoincProjectBackoff',
        'info',
        'boinc_project_min_rpc_timestamp_seconds{SEL} - on (%s) group_left () boinc_client_clock_timestamp_seconds{SEL} > %g\n%s' % [client, c.projectBackoffSeconds, wanted],
        c.projectBackoffFor,
        '{{ $labels.client }} may not contact {{ $labels.project }} for {{ $value | humanizeDuration }}.',
        'The project asked for that, or contacts failed again and again. A daily quota that failing tasks used up looks like this.',
        'client',
        ['client', 'project'],
      ),
      alert(
        'BoincProjectUnreachable',
        'warning',
        // The client counts to ten, tries the master page, and begins at one again; after three failures of that it tries the
        // page alone, once a day.
        |||
          (
            (
              max_over_time(boinc_project_scheduler_rpc_failures{SEL}[%(within)s]) >= %(failures)g
              and
              boinc_project_scheduler_rpc_failures{SEL} > 0
            )
            or
            boinc_project_master_fetch_failures{SEL} >= %(master)g
          )
          %(wanted)s
        ||| % {
          within: c.projectRpcFailuresWithin,
          failures: c.projectRpcFailures,
          master: c.projectMasterFetchFailures,
          wanted: wanted,
        },
        c.projectUnreachableFor,
        '{{ $labels.client }} cannot reach {{ $labels.project }}.',
        "Ten contacts in a row failed, or three attempts to get its master page. The project is down, has moved or is gone, if other clients fail too; else it is this client's network.",
        'projects',
        ['client', 'project'],
      ),
      alert(
        'BoincProjectEnded',
        'info',
        'max by (job, project, project_url) (boinc_project_ended{SEL}) == 1',
        c.projectEndedFor,
        'The project {{ $labels.project }} has ended.',
        'It says so itself. Clients keep it attached until somebody detaches them; attach another one.',
        'projects',
        ['project'],
      ),
      alert(
        'BoincProjectVanished',
        'info',
        |||
          group by (%(by)s) (boinc_project_info{SEL} offset 1d)
          unless on (job, client, project_url) boinc_project_info{SEL}
          and on (job, client) boinc_up{SEL} == 1
        ||| % { by: 'job, client, project, project_url' },
        c.projectVanishedFor,
        '{{ $labels.client }} is no longer attached to {{ $labels.project }}.',
        'It was a day ago. Somebody detached it, an account manager did, or the client lost its files.',
        'client',
      ),
      alert(
        'BoincDiskFull',
        'warning',
        |||
          (
            sum by (%(client)s) (boinc_project_disk_usage_bytes{SEL}) + on (%(client)s) boinc_disk_client_bytes{SEL}
            or on (%(client)s)
            boinc_disk_client_bytes{SEL}
          )
          / on (%(client)s) boinc_disk_allowed_bytes{SEL}
          > %(ratio)g
        ||| % { client: client, ratio: c.diskUsedRatio },
        c.diskFor,
        'BOINC on {{ $labels.client }} uses {{ $value | humanizePercentage }} of the disk that it may use.',
        'Beyond it the client gets no work and suspends computing.',
      ),
    ],
  },

  prometheusAlerts+:: {
    groups+: [
      group { rules: [rule { expr: std.strReplace(super.expr, 'JOBS', config.jobSelector) } for rule in super.rules] }
      for group in [exporter, clients, computing, projects]
    ],
  },
}
