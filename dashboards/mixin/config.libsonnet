// Every setting, at its default. Override them in a file of your own: see README.md.
{
  _config+:: {
    // Matchers that every query gets, such as 'job="boinc"'. Empty: all series by these names.
    selector: '',
    // Jobs by which Prometheus scrapes exporters. Alerts about the exporter itself need them, as it is silent then.
    jobSelector: 'job=~"boinc.*"',

    // How metrics of other exporters are found that tell of a client's computer: how hot it is and what it draws. Their
    // `instance` must be called as the client is; a domain and a port may follow.
    machine: 'instance=~"(?i)($client)([.:].*)?"',
    // dcgm-exporter in a container has an address of its own, but tells the computer's name in this label.
    machineOfDcgm: 'Hostname=~"(?i)($client)([.:].*)?"',

    // Where Grafana is, for the links in alerts.
    grafanaUrl: 'http://localhost:3000',
    // Where docs/runbooks.md is, up to the alert's name in small letters.
    runbookUrl: 'https://localhost/boinc_exporter/docs/runbooks.md#',

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
        exporter: 'boinc-exporter',
      },
      // Read credit and error ratios from the recording rules: for long ranges and many clients. They must be loaded then.
      useRecordingRules: false,
    },

    // Thresholds. Times are PromQL durations where they stand for `for` or a range, else seconds.
    alerts: {
      clientDownFor: '15m',
      // Which clients should always be up: the others' computers are switched off at times, such as 'client!~"laptop.*"'.
      alwaysOnSelector: '',
      loginFailedFor: '5m',
      collectorFailingFor: '15m',
      reloadFailedFor: '5m',
      exporterDownFor: '5m',
      clockSkewSeconds: 120,
      clockSkewFor: '15m',
      restartsInHour: 3,

      // Part of the CPUs that must be idle, with tasks that could run; of GPUs, a single one is enough.
      idleCpuRatio: 0.5,
      idleFor: '1h',
      outOfWorkFor: '2h',
      // A GPU without work is told of only if it had some within this time: not every project has work for GPUs.
      gpuUsedWithin: '7d',
      // A GPU counts as gone while there were more within this time.
      gpuSeenWithin: '2d',
      gpuVanishedFor: '10m',

      stalledFor: '10m',
      deadlineAtRiskFor: '2h',
      deadlineMissedFor: '5m',
      errorRatio: 0.1,
      errorRange: '1d',
      errorsAtLeast: 5,
      noCreditRange: '3d',
      noCreditTasksAtLeast: 5,

      transferStuckSeconds: 6 * 3600,
      transferStuckFor: '15m',
      // A project that is told to be left alone for longer than this.
      projectBackoffSeconds: 12 * 3600,
      projectBackoffFor: '30m',
      // Contacts in a row; the client counts no further, and needs half a day to get there.
      projectRpcFailures: 10,
      // How long it needs to get there again, and to wait then.
      projectRpcFailuresWithin: '16h',
      // Attempts to get the master page; from here on the client makes one a day.
      projectMasterFetchFailures: 3,
      projectUnreachableFor: '30m',
      projectEndedFor: '1h',
      projectVanishedFor: '1h',

      diskUsedRatio: 0.95,
      diskFor: '15m',
      userAlertSeconds: 3600,
      updateAvailableFor: '1d',
    },
  },
}
