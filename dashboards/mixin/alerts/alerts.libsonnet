// Alerts. A client that is down has no series but boinc_up, its errors, and what lies in its data directory, so no other alert fires
// for it then but those that ask for that, or look back for an hour or a day; the series of a project's server go after three rounds
// without an answer.
local e = import '../lib/expressions.libsonnet';
local query = import '../lib/query.libsonnet';
local s = import '../lib/states.libsonnet';

{
  local c = $._config.alerts,
  local config = $._config,
  local r = query.forRule(config),
  // Adds the client's group, which only boinc_client_info has: without it, the alert fires as it would. Two sites that nobody told
  // the mixin about may have a client of the same name, in different groups: any of them is better than an alert that fails.
  local inGroup(expr, client) =
    local indented = std.strReplace(std.stripChars(expr, ' \n'), '\n', '\n  ');
    if config.groupLabel == '' then expr
    else |||
      (
        %(expr)s
      )
      * on (%(client)s) group_left (%(group)s)
      topk by (%(client)s) (1, group by (%(client)s, %(group)s) (boinc_client_info{SEL}))
      or ignoring (%(group)s) (
        %(expr)s
      )
    ||| % { expr: indented, client: client, group: config.groupLabel },
  // An alert. `dashboard` is a key of _config.dashboards.uids; the alert's `labels` set the dashboard's variables; `client` are
  // those of its labels that identify a client.
  local alert(name, severity, expr, wait, summary, description, dashboard='client', labels=['client'], client=query.client) = {
    alert: name,
    expr: query.block(r(if std.member(labels, 'client') then inGroup(expr, client) else expr)),
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
  // The current values of a label of a metric of the same client, for texts, each once. As a label of the alert, a value that
  // changes would start a new alert. The words of a value are written apart.
  local now(metric, label, more=[]) =
    local labels = ['job', 'instance', 'client'] + more;
    '{{ range $i, $s := query (printf `count by (%s) (%s{%s} == 1)` %s) }}{{ if $i }}, {{ end }}{{ $s.Labels.%s | reReplaceAll "_" " " }}{{ end }}' % [
      label,
      metric,
      std.join(', ', [l + '=%q' for l in labels]),
      std.join(' ', ['$labels.' + l for l in labels]),
      label,
    ],
  local whyIdle = now('boinc_resource_idle_reason', 'reason', ['resource']),
  // What people call the alert's resource.
  local device =
    '{{ $labels.resource %s}}' % std.join('', ['| reReplaceAll "^%s$" "%s" ' % [name, s.devices[name]] for name in std.objectFields(s.devices)]),

  local exporter = {
    name: 'boinc-exporter',
    rules: [
      alert(
        'BoincExporterAbsent',
        'critical',
        'absent(boinc_up{SEL} or boinc_server_requests_total{SEL}) unless on () up{JOBS} == 0',
        c.exporterDownFor,
        'Prometheus has no data from any BOINC client or project.',
        "No exporter is scraped, or the exporters have neither clients nor projects. Check Prometheus's targets and its scrape configuration.",
        'exporter',
        [],
      ),
      alert(
        'BoincExporterDown',
        'critical',
        'count by (job) (up{JOBS} == 0) > 0',
        c.exporterDownFor,
        'Targets of job {{ $labels.job }} do not answer: {{ $value }}.',
        "Prometheus cannot scrape the exporter, so nothing is known about its clients. Check the exporter's log.",
        'exporter',
        ['job'],
      ),
      alert(
        'BoincConfigReloadFailed',
        'warning',
        'boinc_exporter_config_last_reload_successful{SEL} == 0',
        c.reloadFailedFor,
        'Exporter {{ $labels.instance }} cannot load its configuration.',
        'The previous configuration is still active. `boinc_exporter --config.check` says what is wrong, and on which line.',
        'exporter',
        ['job', 'instance'],
      ),
      alert(
        'BoincWebConfigReloadFailed',
        'warning',
        'boinc_exporter_web_config_last_reload_successful{SEL} == 0',
        c.reloadFailedFor,
        'Exporter {{ $labels.instance }} cannot load its web configuration.',
        'The previous users and certificate are still active, and new ones are not. The log says what is wrong; a restart would fail.',
        'exporter',
        ['job', 'instance'],
      ),
      alert(
        'BoincCertificateExpires',
        'warning',
        'boinc_exporter_certificate_not_after_timestamp_seconds{SEL} - time() < %g' % (c.certificateDays * 86400),
        c.certificateExpiresFor,
        'The certificate of exporter {{ $labels.instance }} {{ if lt $value 0.0 }}has expired{{ else }}expires in {{ $value | humanizeDuration }}{{ end }}.',
        'Once it has expired, Prometheus cannot scrape the exporter. Renew it; the exporter reads it again by itself.',
        'exporter',
        ['job', 'instance'],
      ),
      alert(
        'BoincCollectorFailing',
        'warning',
        |||
          boinc_scrape_collector_success{SEL} == 0
          unless ignoring (reason) boinc_scrape_collector_error{SEL, reason="unsupported"} == 1
          and ignoring (collector) boinc_up{SEL} == 1
        |||,
        c.collectorFailingFor,
        'Request {{ $labels.collector }} to client {{ $labels.client }} fails.',
        'Other data from the client is good. `boinc_exporter check` says why the request fails and how to fix it.',
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
          unless ignoring (reason) boinc_scrape_error{SEL, reason=~"%s"} == 1
        ||| % [query.join(['SEL', c.alwaysOnSelector]), self.loginReasons],
        c.clientDownFor,
        'BOINC client {{ $labels.client }} does not answer.',
        'No answer for %s, because: %s. The computer is off, the client is not running, or a firewall blocks the connection; if the reason is "not asked" or "file descriptors", it is the exporter.' % [c.clientDownFor, now('boinc_scrape_error', 'reason')],
      ),
      alert(
        'BoincClientHangs',
        'warning',
        |||
          (boinc_up{SEL} == 0 unless ignoring (reason) boinc_scrape_error{SEL, reason=~"%s"} == 1)
          and on (%s) boinc_slots_tasks{SEL, state="reporting"} > 0
        ||| % [self.loginReasons, query.client],
        c.clientHangsFor,
        'BOINC client {{ $labels.client }} does not answer, but its tasks run.',
        'Its data directory shows that applications still report. The client hangs, or has died and left its applications behind; those end soon without it, and what they have not saved is lost.',
      ),
      alert(
        'BoincLoginFailed',
        'warning',
        'boinc_up{SEL} == 0 and ignoring (reason) boinc_scrape_error{SEL, reason=~"%s"} == 1' % self.loginReasons,
        c.loginFailedFor,
        'BOINC client {{ $labels.client }} refuses the exporter.',
        'It answers, but refuses access: %s. The password or the list of allowed hosts is wrong.' % now('boinc_scrape_error', 'reason'),
      ),
      alert(
        'BoincClockSkew',
        'warning',
        'abs(boinc_client_clock_timestamp_seconds{SEL} - timestamp(boinc_client_clock_timestamp_seconds{SEL})) > %g' % c.clockSkewSeconds,
        c.clockSkewFor,
        'The clock of {{ $labels.client }} is {{ $value | humanizeDuration }} off.',
        'The client uses this clock for deadlines and back-offs. Set it, and keep it synchronised with NTP.',
        'fleet',
      ),
      alert(
        'BoincClientRestarts',
        'warning',
        'changes(boinc_client_start_timestamp_seconds{SEL}[1h]) >= %g' % c.restartsInHour,
        '0s',
        'BOINC client {{ $labels.client }} started {{ $value }} times within an hour.',
        'It crashes, or something keeps restarting it. Tasks lose the work done since their last checkpoint.',
      ),
      alert(
        'BoincUpdateAvailable',
        'info',
        'max without (newer_version, download_url) (boinc_client_update_info{SEL})',
        c.updateAvailableFor,
        'A newer BOINC is available for {{ $labels.client }}.',
        'The client announces version %s in its notices.' % now('boinc_client_update_info', 'newer_version'),
      ),
      alert(
        'BoincUserAlert',
        'info',
        // What comes at each start is no news.
        |||
          boinc_client_clock_timestamp_seconds{SEL} - ignoring (priority) group_right () boinc_message_last_timestamp_seconds{SEL, priority="user_alert"} >= 0 < %(seconds)g
          unless
          boinc_message_last_timestamp_seconds{SEL, priority="user_alert"} - ignoring (priority) group_left () boinc_client_start_timestamp_seconds{SEL} >= 0 < %(start)g
        ||| % { seconds: c.userAlertSeconds, start: c.userAlertAfterStartSeconds },
        '0s',
        'BOINC client {{ $labels.client }} has a message for its user.',
        "It was written within the last hour and is in the client's notices and event log.",
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
          and ignoring (reason)
          boinc_resource_idle_reason{SEL, reason=~"not_scheduled|memory|swap|postponed|network|downloading|unknown"} == 1
        ||| % { ratio: c.idleCpuRatio },
        c.idleFor,
        '{{ $value }} x %s of {{ $labels.client }} idle despite available work.' % device,
        'For %s, because: %s. It was not suspended.' % [c.idleFor, whyIdle],
      ),
      alert(
        'BoincOutOfWork',
        'warning',
        |||
          boinc_resource_idle{SEL} >= boinc_resource_usable{SEL} > 0
          and ignoring (reason)
          boinc_resource_idle_reason{SEL, reason=~"no_work|deferred"} == 1
          and (
            boinc_resource_usable{SEL, resource="CPU"}
            or
            max_over_time((boinc_resource_usable{SEL, resource!="CPU"} - boinc_resource_idle{SEL, resource!="CPU"})[%s:10m]) > 0
          )
          unless ignoring (resource, activity)
          boinc_suspended{SEL, activity="network"} == 1
        ||| % c.gpuUsedWithin,
        c.outOfWorkFor,
        '{{ $labels.client }} has no work for its %s.' % device,
        'No task for %s, because: %s. New tasks are allowed, but no project sends any.' % [c.outOfWorkFor, whyIdle],
      ),
      alert(
        'BoincGpuVanished',
        'warning',
        e.gpusGone('SEL', c.gpuSeenWithin) + ' > 0',
        c.gpuVanishedFor,
        'GPUs missing on {{ $labels.client }}: {{ $value }}.',
        'The client had more GPUs within the last %s, or has tasks that wait for one. It detects them only when it starts: the driver was not loaded then, or the GPU is broken.' % c.gpuSeenWithin,
      ),
      alert(
        'BoincTaskStalled',
        'warning',
        'boinc_tasks_stalled{SEL} > 0',
        c.stalledFor,
        'Tasks of {{ $labels.project }} are stalled on {{ $labels.client }}: {{ $value }}.',
        'They ran for an hour without progress and with less than 10 s of CPU time. They block a CPU or GPU, possibly for weeks.',
        'tasks',
        ['client', 'project'],
      ),
      alert(
        'BoincApplicationSilent',
        'warning',
        'sum without (app, state) (boinc_slots_tasks{SEL, state="silent"}) > 0 and on (%s) boinc_up{SEL} == 1' % query.client,
        c.applicationSilentFor,
        'Applications of {{ $labels.project }} have stopped reporting on {{ $labels.client }}: {{ $value }}.',
        'The client runs them, but they have told it nothing new for more than 5 minutes. They hang, or have died without the client noticing.',
        'tasks',
        ['client', 'project'],
      ),
      alert(
        'BoincWorkUnsaved',
        'info',
        'time() - min without (app, checkpoints) (boinc_slots_unsaved_since_timestamp_seconds{SEL, checkpoints="seen"}) > %g and on (%s) boinc_up{SEL} == 1' % [c.unsavedSeconds, query.client],
        c.unsavedFor,
        'A task of {{ $labels.project }} on {{ $labels.client }} has not saved its work for {{ $value | humanizeDuration }}.',
        'It has saved some before. A power cut or a restart now would cost this time. Tasks that never save their work are not meant.',
        'tasks',
        ['client', 'project'],
      ),
      alert(
        'BoincDiskBoundNear',
        'warning',
        'max without (app) (boinc_slots_highest_disk_bound_ratio{SEL}) > %g and on (%s) boinc_up{SEL} == 1' % [c.diskBoundRatio, query.client],
        c.diskBoundFor,
        'A task of {{ $labels.project }} on {{ $labels.client }} uses {{ $value | humanizePercentage }} of the disk space that it may use.',
        'Beyond its disk bound, the client aborts it (exit status 196), and its work is lost.',
        'tasks',
        ['client', 'project'],
      ),
      alert(
        'BoincMemoryLimitNear',
        'info',
        |||
          sum without (project, project_url, app) (boinc_slots_working_set_bytes{SEL}) / boinc_slots_memory_allowed_bytes{SEL} > %g
          and on (%s) boinc_up{SEL} == 1
          unless on (%s) boinc_slots_tasks{SEL, state="suspended"} > 0
        ||| % [c.memoryRatio, query.client, query.client],
        c.memoryFor,
        'Tasks on {{ $labels.client }} use {{ $value | humanizePercentage }} of the memory that they may use.',
        'Beyond it, the client makes tasks wait, and aborts one that is too large alone (exit status 198).',
        'client',
        ['client'],
      ),
      alert(
        'BoincTasksRestart',
        'warning',
        // Moments, not starts: all tasks start again after a pause.
        |||
          max without (app) (changes(boinc_slots_restarts_total{SEL}[%(range)s])) >= %(least)g
          and on (%(client)s) boinc_up{SEL} == 1
          unless on (%(client)s) changes(boinc_client_start_timestamp_seconds{SEL}[%(range)s]) > 0
        ||| % { range: c.tasksRestartRange, least: c.tasksRestartAtLeast, client: query.client },
        '0s',
        'Tasks of {{ $labels.project }} on {{ $labels.client }} start again and again: {{ $value }} times within %s.' % c.tasksRestartRange,
        'Their processes end before the tasks are done, or the client removes them from memory at each pause. Each time, they lose what they have not saved.',
        'tasks',
        ['client', 'project'],
      ),
      alert(
        'BoincSlotsLeftOver',
        'info',
        'sum without (state) (boinc_slot_directories{SEL, state="leftovers"}) > 0 and on (%s) boinc_up{SEL} == 1' % query.client,
        c.leftoversFor,
        'Slots of {{ $labels.client }} keep files of tasks that are over: {{ $value }}.',
        'The client has not deleted them for %s. They take disk space, and the client does not use these slots.' % c.leftoversFor,
        'client',
        ['client'],
      ),
      alert(
        'BoincDeadlineAtRisk',
        'warning',
        'boinc_tasks_deadline_at_risk{SEL} > 0 unless boinc_tasks_overdue{SEL} > 0',
        c.deadlineAtRiskFor,
        'Tasks of {{ $labels.project }} on {{ $labels.client }} will miss their deadline: {{ $value }}.',
        'They will be late even if the client runs all its tasks in deadline order, by its own estimates.',
        'client',
        ['client', 'project'],
      ),
      alert(
        'BoincDeadlineMissed',
        'warning',
        'boinc_tasks_overdue{SEL} > 0',
        c.deadlineMissedFor,
        'Tasks of {{ $labels.project }} on {{ $labels.client }} are past their deadline: {{ $value }}.',
        'The project has probably given them to others. Continuing may earn no credit.',
        'tasks',
        ['client', 'project'],
      ),
      alert(
        'BoincErrorRate',
        'warning',
        // Reported tasks: boinc_project_jobs_total leaves out tasks that never ran, such as those for a missing GPU.
        |||
          sum without (app, outcome) (increase(boinc_tasks_reported_total{SEL, outcome!="success"}[%(range)s]))
          / sum without (app, outcome) (increase(boinc_tasks_reported_total{SEL}[%(range)s]))
          > %(ratio)g
          and
          sum without (app, outcome) (increase(boinc_tasks_reported_total{SEL, outcome!="success"}[%(range)s])) >= %(least)g
        ||| % { range: c.errorRange, ratio: c.errorRatio, least: c.errorsAtLeast },
        '0s',
        '{{ $value | humanizePercentage }} of the tasks of {{ $labels.project }} fail on {{ $labels.client }}.',
        'Of those reported within %s, including aborted ones and tasks that never started. See the dashboard for exit codes and applications.' % c.errorRange,
        'projects',
        ['client', 'project'],
      ),
      alert(
        'BoincNoCredit',
        'warning',
        |||
          delta(boinc_project_host_credit{SEL}[%(range)s]) <= 0
          and
          boinc_project_host_credit{SEL} offset %(range)s
          and
          boinc_project_host_credit{SEL}
          and
          count_over_time(boinc_project_host_credit{SEL}[%(range)s:1h]) >= %(present)g * scalar(count_over_time(vector(1)[%(range)s:1h]))
          and
          sum without (app, outcome) (increase(boinc_tasks_reported_total{SEL, outcome="success"}[%(range)s])) >= %(least)g
        ||| % { range: c.noCreditRange, present: c.noCreditPresentRatio, least: c.noCreditTasksAtLeast },
        '0s',
        '{{ $labels.client }} got no credit from {{ $labels.project }} for %s.' % c.noCreditRange,
        'It reported tasks as successful meanwhile. Their results are invalid, or the project does not validate them.',
        'projects',
        ['client', 'project'],
      ),
    ],
  },

  // Not those that go well, but slowly or at night only. One that fails is active for moments, when it is tried again.
  local stuck(direction) = |||
    %(ago)s > %(seconds)g
    and ignoring (state)
    max_over_time(boinc_transfers{SEL, direction="%(direction)s", state="backoff"}[1h]) > 0
    unless ignoring (%(own)s)
    boinc_suspended{SEL, activity="network"} == 1
  ||| % {
    direction: direction,
    ago: 'boinc_client_clock_timestamp_seconds{SEL} - ignoring (%s) group_right () boinc_transfers_oldest_request_timestamp_seconds{SEL, direction="%s"}' % [query.own, direction],
    seconds: c.transferStuckSeconds,
    own: query.own,
  },

  local projects = {
    name: 'boinc-projects',
    rules: [
      alert(
        'BoincUploadsStuck',
        'warning',
        stuck('upload'),
        c.transferStuckFor,
        'Uploads of {{ $labels.client }} to {{ $labels.project }} are stuck.',
        'The oldest was first tried {{ $value | humanizeDuration }} ago. Results that are not uploaded miss their deadlines, and if there are too many, the client requests no new work.',
        'client',
        ['client', 'project'],
      ),
      alert(
        'BoincDownloadsStuck',
        'warning',
        stuck('download'),
        c.transferStuckFor,
        'Downloads of {{ $labels.client }} from {{ $labels.project }} are stuck.',
        'The oldest was first tried {{ $value | humanizeDuration }} ago. Its task cannot start, and while a download is stalled the client requests no new work.',
        'client',
        ['client', 'project'],
      ),
      alert(
        'BoincProjectBackoff',
        'info',
        '%s > %g\n%s' % [query.ahead('boinc_project_min_rpc_timestamp_seconds{SEL}'), c.projectBackoffSeconds, e.unlessUnwanted('SEL')],
        c.projectBackoffFor,
        '{{ $labels.client }} may not contact {{ $labels.project }} for {{ $value | humanizeDuration }}.',
        'The project asked for this, or contacts failed repeatedly. It also happens when failing tasks use up a daily quota.',
        'client',
        ['client', 'project'],
      ),
      alert(
        'BoincProjectUnreachable',
        'warning',
        e.unreachable('SEL', c.projectUnreachableHours),
        c.projectUnreachableFor,
        '{{ $labels.client }} cannot reach {{ $labels.project }}.',
        "For %d hours no contact succeeded, although the client tried. If other clients fail too, the project is down, has moved or is gone; otherwise it is this client's network." % c.projectUnreachableHours,
        'projects',
        ['client', 'project'],
      ),
      alert(
        'BoincProjectEnded',
        'info',
        // Once, not for each client, nor for each URL by which clients are attached.
        'max without (instance, client, project_url) (boinc_project_ended{SEL}) == 1',
        c.projectEndedFor,
        'Project {{ $labels.project }} has ended.',
        'The project says so itself. Clients stay attached until somebody detaches them; attach another project.',
        'projects',
        ['project'],
      ),
      alert(
        'BoincProjectVanished',
        'info',
        // A project that moved has another URL and the same name, or a new name and the same URL but for the scheme.
        |||
          group without (site_url) (
            %(before)s
            unless ignoring (project_url, site_url) %(now)s
            unless ignoring (project, project_url) %(now)s
            and ignoring (project, project_url, site_url) group without (instance) (boinc_up{SEL} == 1)
          )
        ||| % {
          local info(offset) = e.withSite('group without (instance, host_id, user_id, team_id, venue) (boinc_project_info{SEL}%s)' % offset),
          before: info(' offset 1d'),
          now: info(''),
        },
        c.projectVanishedFor,
        '{{ $labels.client }} is no longer attached to {{ $labels.project }}.',
        'It was attached a day ago. Somebody or an account manager detached it, or the client lost its files.',
        client='job, client',
      ),
      alert(
        'BoincDiskFull',
        'warning',
        |||
          (
            sum without (project, project_url) (boinc_project_disk_usage_bytes{SEL}) + boinc_disk_client_bytes{SEL}
            or
            boinc_disk_client_bytes{SEL}
          )
          / boinc_disk_allowed_bytes{SEL}
          > %g
        ||| % c.diskUsedRatio,
        c.diskFor,
        'BOINC on {{ $labels.client }} uses {{ $value | humanizePercentage }} of its disk limit.',
        'Beyond the limit, the client gets no work and suspends computing.',
      ),
    ],
  },

  // What several exporters tell of a project counts once.
  local once(expr) =
    local lines = std.split(std.stripChars(expr, ' \n'), '\n');
    if std.length(lines) == 1 then 'max without (instance) (%s)' % lines[0]
    else 'max without (instance) (\n%s\n)' % std.join('\n', ['  ' + line for line in lines]),
  // The current values of a label of a metric of the project, for texts.
  local ofProject(metric, label, matcher='') =
    '{{ range $i, $s := query (printf `count by (%s) (%s{project_url=%%q%s} == 1)` $labels.project_url) | sortByLabel "%s" }}{{ if $i }}, {{ end }}{{ $s.Labels.%s | reReplaceAll "_" " " }}{{ end }}' % [
      label,
      metric,
      if matcher == '' then '' else ', ' + matcher,
      label,
      label,
    ],
  // Those that are down, by name.
  local daemons =
    '{{ range $i, $s := query (printf `count by (daemon, app) (boinc_server_daemons{project_url=%q, status="not_running"} > 0)` $labels.project_url) | sortByLabel "daemon" }}{{ if $i }}, {{ end }}{{ $s.Labels.daemon }}{{ if $s.Labels.app }} ({{ $s.Labels.app }}){{ end }}{{ end }}',

  local servers = {
    name: 'boinc-servers',
    rules: [
      alert(
        'BoincServerDown',
        'warning',
        once('boinc_server_up{SEL}') + ' == 0',
        c.serverDownFor,
        'The server of {{ $labels.project }} is down.',
        'Its pages say so, or do not answer: %s. Clients keep computing; what they finish waits.' % ofProject('boinc_server_error', 'reason'),
        'server',
        ['project'],
      ),
      alert(
        'BoincSchedulerDown',
        'warning',
        '%s == 0 unless %s == 0' % [once('boinc_server_scheduler_up{SEL}'), once('boinc_server_up{SEL}')],
        c.schedulerDownFor,
        'The scheduler of {{ $labels.project }} is down.',
        'Its state: %s%s. Clients neither get nor report tasks.' % [ofProject('boinc_server_scheduler_state', 'state'), ofProject('boinc_server_collector_error', 'reason', 'collector="scheduler"')],
        'server',
        ['project'],
      ),
      alert(
        'BoincDaemonDown',
        'warning',
        |||
          sum without (daemon, app, status) (%s) > 0
          unless ignoring (state)
          %s == 1
        ||| % [once('boinc_server_daemons{SEL, status="not_running"}'), once('boinc_server_scheduler_state{SEL, state="maintenance"}')],
        c.daemonDownFor,
        'Daemons of {{ $labels.project }} are down: {{ $value }}.',
        'They should run and do not: %s. The queues before them grow.' % daemons,
        'server',
        ['project'],
      ),
      alert(
        'BoincNoWorkToSend',
        'info',
        once(|||
          boinc_server_tasks{SEL, state="unsent"} == 0
          and
          max_over_time(boinc_server_tasks{SEL, state="unsent"}[%s]) > 0
        ||| % c.noWorkRange),
        c.noWorkFor,
        '{{ $labels.project }} has no tasks to send.',
        'It had some within %s. Clients that ask get none until it makes more.' % c.noWorkRange,
        'server',
        ['project'],
      ),
      alert(
        'BoincTransitionerLate',
        'warning',
        once('boinc_server_transitioner_backlog_seconds{SEL}') + ' > %g' % c.transitionerLateSeconds,
        c.transitionerLateFor,
        'The transitioner of {{ $labels.project }} is {{ $value | humanizeDuration }} late.',
        'It moves work from one stage to the next. Until it catches up, no new tasks are made of failed ones, and results wait for validation.',
        'server',
        ['project'],
      ),
      alert(
        'BoincBacklogGrows',
        'warning',
        once(|||
          boinc_server_workunits{SEL}
          and
          min_over_time(boinc_server_workunits{SEL}[%(range)s]) - max_over_time(boinc_server_workunits{SEL}[%(range)s] offset %(offset)s)
          > ignoring (state) group_left ()
          %(ratio)g * sum without (state) (boinc_server_tasks{SEL, state="in_progress"})
          and
          delta(boinc_server_workunits{SEL}[3h]) > 0
        ||| % { range: c.queueRange, offset: c.queueOffset, ratio: c.queueRatio }),
        c.queueFor,
        'Workunits of {{ $labels.project }} pile up: {{ $value | humanize }}.',
        'They are {{ $labels.state | reReplaceAll "_" " " }}, and within %s they grew by more than %g %% of the tasks in progress. The daemon that should take them is down, stuck, or too slow.' % [c.queueOffset, c.queueRatio * 100],
        'server',
        ['project'],
      ),
      alert(
        'BoincProjectPageFailing',
        'warning',
        once('boinc_server_collector_error{SEL, reason=~"%s"}' % std.join('|', s.misconfigured)) + ' == 1',
        c.pageFailingFor,
        'The page {{ $labels.collector }} of {{ $labels.project }} cannot be read: {{ $labels.reason | reReplaceAll "_" " " }}.',
        'The address, the id or the key in the configuration is not right for it. `boinc_exporter check` says what to do.',
        'server',
        ['project'],
      ),
    ],
  },

  local accounts = {
    name: 'boinc-accounts',
    rules: [
      alert(
        'BoincAccountNoCredit',
        'warning',
        once(|||
          delta(boinc_account_credit{SEL}[%(range)s]) <= 0
          and
          boinc_account_credit{SEL}
          and
          boinc_account_credit{SEL} offset %(range)s
          and
          delta(boinc_account_credit{SEL}[%(earned)s]) > 0
        ||| % { range: c.accountNoCreditRange, earned: c.accountEarnedRange }),
        c.accountNoCreditFor,
        'Account {{ $labels.user_id }} got no credit from {{ $labels.project }} for %s.' % c.accountNoCreditRange,
        'It did within %s. None of its computers works for the project any more, their results are invalid, or the project does not validate them.' % c.accountEarnedRange,
        'accounts',
        ['project'],
      ),
      alert(
        'BoincTooManyInvalid',
        'warning',
        once(|||
          sum without (outcome) (increase(boinc_validation_tasks_total{SEL, outcome="invalid"}[%(range)s]))
          / sum without (outcome) (increase(boinc_validation_tasks_total{SEL, outcome=~"valid|invalid"}[%(range)s]))
          > %(ratio)g
          and
          sum without (outcome) (increase(boinc_validation_tasks_total{SEL, outcome="invalid"}[%(range)s])) >= %(least)g
        ||| % { range: c.invalidRange, ratio: c.invalidRatio, least: c.invalidAtLeast }),
        '0s',
        '{{ $value | humanizePercentage }} of the results of {{ $labels.app }} for {{ $labels.project }} are invalid.',
        'Of those that the project decided on within %s{{ if $labels.resource }}, computed by %s{{ end }}. They earn nothing, although the clients report them as successful.' % [c.invalidRange, device],
        'accounts',
        ['project'],
      ),
      alert(
        'BoincComputerSilent',
        'warning',
        e.silent('SEL', 'SEL', c.computerSilentDays, c.computerRetiredDays),
        c.computerSilentFor,
        'Computer {{ $labels.host_id }} has not contacted {{ $labels.project }} for {{ $value | humanizeDuration }}.',
        'It earned credit until then, and no exporter watches it. It is off, has lost its network, or works for other projects only.',
        'accounts',
        ['project'],
      ),
    ],
  },

  local batches = {
    name: 'boinc-batches',
    rules: [
      alert(
        'BoincBatchFails',
        'warning',
        once(|||
          sum without (state) (boinc_batch_jobs{SEL, state="failed"})
          / sum without (state) (boinc_batch_jobs{SEL, state=~"failed|succeeded"})
          > %(ratio)g
          and
          sum without (state) (boinc_batch_jobs{SEL, state="failed"}) >= %(least)g
          and (
            sum without (state) (boinc_batch_state{SEL, state="in_progress"}) == 1
            or
            boinc_batch_completed_timestamp_seconds{SEL} > time() - %(over)g
          )
          unless
          sum without (state) (boinc_batch_state{SEL, state="aborted"}) == 1
        ||| % { ratio: c.batchFailedRatio, least: c.batchFailedAtLeast, over: c.batchOverSeconds }),
        c.batchFailsFor,
        'Jobs of batch {{ $labels.batch_id }} of {{ $labels.project }} fail: {{ $value | humanizePercentage }}.',
        'Of those that are over. The rest may fail too, and wastes the time of the computers that run it.',
        'batches',
        ['project'],
      ),
      alert(
        'BoincBatchLate',
        'warning',
        once(|||
          boinc_batch_remaining_seconds{SEL} > boinc_batch_expires_timestamp_seconds{SEL} - time()
        |||),
        c.batchLateFor,
        'Batch {{ $labels.batch_id }} of {{ $labels.project }} will not be done before its lease ends.',
        'It needs {{ $value | humanizeDuration }} if it goes on as it did so far. After the end of the lease its files may be deleted.',
        'batches',
        ['project'],
      ),
      alert(
        'BoincBatchStalled',
        'warning',
        once(|||
          boinc_batch_progress_ratio{SEL}
          and
          delta(boinc_batch_progress_ratio{SEL}[%(range)s]) <= 0
          and
          boinc_batch_progress_ratio{SEL} offset %(range)s
          and ignoring (state)
          boinc_batch_state{SEL, state="in_progress"} == 1
        ||| % { range: c.batchStalledRange }),
        c.batchStalledFor,
        'Batch {{ $labels.batch_id }} of {{ $labels.project }} is stuck at {{ $value | humanizePercentage }}.',
        'No job ended for %s: no computer takes them, they take longer than that, or a daemon of the project is down.' % c.batchStalledRange,
        'batches',
        ['project'],
      ),
    ],
  },

  prometheusAlerts+:: {
    groups+: [
      group { rules: [rule { expr: std.strReplace(super.expr, 'JOBS', config.jobSelector) } for rule in super.rules] }
      for group in [exporter, clients, computing, projects, servers, accounts, batches]
    ],
  },
}
