// All settings with their defaults. Override them in your own file: see README.md.
{
  _config+:: {
    // Matchers added to every query, such as 'job="boinc"'. Empty: all series with these names.
    selector: '',
    // External labels that tell sites or clusters apart whose series are in one database, such as ['cluster']. Each becomes a
    // variable of the dashboards, and part of what identifies a client.
    clusterLabels: [],
    // The label of boinc_client_info by which clients are chosen on dashboards, and which alerts about clients have: one of `labels`
    // in the exporter's configuration.
    groupLabel: 'group',

    // The jobs that scrape exporters. Alerts about an exporter that is down need them, because it exposes nothing then.
    jobSelector: 'job=~"boinc.*"',

    // Selects other exporters' metrics about a client's computer: its temperatures and power draw. Their `instance` must be
    // the client's name; a domain and a port may follow. `$computer` is the client's name, escaped for regular expressions.
    machine: 'instance=~"(?i)($computer)([.:].*)?"',
    // dcgm-exporter in a container has its own address, but has the computer's name in this label.
    machineOfDcgm: 'Hostname=~"(?i)($computer)([.:].*)?"',

    // URL of Grafana, for the links in alerts.
    grafanaUrl: 'http://localhost:3000',
    // URL of the runbooks; the alert's name in lower case is appended. Every exporter serves them at /runbooks, and
    // docs/runbooks.md is the source. The default holds for an exporter on the computer of whoever reads the alert.
    runbookUrl: 'http://localhost:31415/runbooks#',
    // Price of a kilowatt-hour, in any currency: the first value of the variable on the dashboard of a client.
    kilowattHourPrice: '0.30',

    dashboards: {
      titlePrefix: 'BOINC / ',
      tags: ['boinc-mixin'],
      refresh: '1m',
      from: 'now-24h',
      // Credit moves slowly.
      projectsFrom: 'now-7d',
      uids: {
        fleet: 'boinc-fleet',
        client: 'boinc-client',
        projects: 'boinc-projects',
        tasks: 'boinc-tasks',
        server: 'boinc-server',
        accounts: 'boinc-accounts',
        batches: 'boinc-batches',
        exporter: 'boinc-exporter',
      },
      // Read credit and error ratios from the recording rules, for long ranges and many clients. The rules must be loaded.
      useRecordingRules: false,
    },

    // Thresholds. Times used as `for` or as a range are PromQL durations; others are seconds.
    alerts: {
      clientDownFor: '15m',
      clientHangsFor: '10m',
      // Clients that should always be up, such as 'client!~"laptop.*"' where laptops are sometimes switched off.
      alwaysOnSelector: '',
      loginFailedFor: '5m',
      collectorFailingFor: '15m',
      reloadFailedFor: '5m',
      // A certificate that expires within this many days.
      certificateDays: 14,
      certificateExpiresFor: '1h',
      exporterDownFor: '5m',
      clockSkewSeconds: 120,
      clockSkewFor: '15m',
      restartsInHour: 3,

      // Fraction of the CPUs that must be idle although tasks could run; for GPUs, one is enough.
      idleCpuRatio: 0.5,
      idleFor: '1h',
      outOfWorkFor: '2h',
      // A GPU without work fires the alert only if it had work within this time: not every project has work for GPUs.
      gpuUsedWithin: '7d',
      // A GPU counts as missing if there were more GPUs within this time.
      gpuSeenWithin: '2d',
      gpuVanishedFor: '10m',

      stalledFor: '10m',
      applicationSilentFor: '10m',
      // Work that was not saved for longer than this. Few applications save it less often than every four hours.
      unsavedSeconds: 8 * 3600,
      unsavedFor: '10m',
      // Part of its disk bound that a task uses.
      diskBoundRatio: 0.9,
      diskBoundFor: '15m',
      // Part of the RAM that the client allows all tasks together.
      memoryRatio: 0.95,
      memoryFor: '15m',
      // At so many moments within this range, processes of an application's tasks were started again.
      tasksRestartRange: '2h',
      tasksRestartAtLeast: 8,
      // Files of tasks that are over; a client that is busy may need some time to delete them.
      leftoversFor: '6h',
      deadlineAtRiskFor: '2h',
      deadlineMissedFor: '5m',
      errorRatio: 0.1,
      errorRange: '1d',
      errorsAtLeast: 5,
      noCreditRange: '3d',
      noCreditTasksAtLeast: 5,
      // A computer that was off for much of this range may have yet to hear of its credit: it must have answered for this part of it.
      noCreditPresentRatio: 0.65,

      transferStuckSeconds: 6 * 3600,
      transferStuckFor: '15m',
      // A project that may not be contacted for longer than this.
      projectBackoffSeconds: 12 * 3600,
      projectBackoffFor: '30m',
      // A project with which no contact succeeded for so many hours, although some were attempted.
      projectUnreachableHours: 6,
      projectUnreachableFor: '30m',
      projectEndedFor: '1h',
      projectVanishedFor: '1h',

      diskUsedRatio: 0.95,
      diskFor: '15m',
      userAlertSeconds: 3600,
      // What a client writes within this time of its start, it writes at each start.
      userAlertAfterStartSeconds: 120,
      updateAvailableFor: '2h',

      // Projects' servers are asked once an hour by default: what is shorter than that is seen once.
      serverDownFor: '90m',
      schedulerDownFor: '90m',
      daemonDownFor: '90m',
      // A project counts as out of work only if it had some within this range.
      noWorkRange: '7d',
      noWorkFor: '3h',
      // How far a transitioner may be behind.
      transitionerLateSeconds: 2 * 3600,
      transitionerLateFor: '1h',
      // A queue grows if the least of this range is more than the most of the same range so long before, by a share of the tasks
      // in progress.
      queueRange: '6h',
      queueOffset: '12h',
      queueRatio: 0.05,
      queueFor: '1h',
      pageFailingFor: '15m',

      accountNoCreditRange: '3d',
      // An account that earned nothing for so long is not expected to.
      accountEarnedRange: '14d',
      accountNoCreditFor: '1h',
      invalidRange: '1d',
      invalidRatio: 0.05,
      invalidAtLeast: 5,
      // A computer that was last heard of within these times is missed; later on, it is taken for retired.
      computerSilentDays: 3,
      computerRetiredDays: 14,
      computerSilentFor: '1h',

      // Share of the finished jobs of a batch that fail.
      batchFailedRatio: 0.2,
      batchFailedAtLeast: 5,
      // A batch that is over counts for so long.
      batchOverSeconds: 86400,
      batchFailsFor: '15m',
      batchLateFor: '1h',
      batchStalledRange: '12h',
      batchStalledFor: '30m',
    },
  },
}
