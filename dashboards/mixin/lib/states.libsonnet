// Texts and colours of states, the same on all dashboards. Green computes, blue is the user's choice, yellow waits for
// somebody else, orange and red need attention.
local state(text, color) = { text: text, color: color };

{
  // Why CPUs or GPUs are idle (boinc_resource_idle_reason).
  idle:: {
    suspended: state('suspended', 'blue'),
    task_suspended: state('tasks suspended', 'light-blue'),
    no_new_tasks: state('no new tasks', 'super-light-blue'),
    no_projects: state('no projects', '#8e8e8e'),
    not_wanted: state('not wanted', 'semi-dark-blue'),
    no_application: state('no application for it', '#b5b5b5'),
    deferred: state('deferred by projects', 'yellow'),
    no_work: state('no work', 'dark-yellow'),
    downloading: state('downloading', 'light-yellow'),
    network: state('waits for network', 'purple'),
    memory: state('waits for memory', 'orange'),
    swap: state('waits for swap space', 'semi-dark-orange'),
    disk: state('disk limit is reached', 'red'),
    postponed: state('postponed by application', 'light-orange'),
    not_scheduled: state('ready tasks not started', 'dark-orange'),
    gpu_missing: state('GPU is missing', 'dark-red'),
    unknown: state('unknown', '#c0c0c0'),
  },
  // What tasks wait for (boinc_tasks_waiting).
  waiting:: {
    [name]: $.idle[name]
    for name in ['task_suspended', 'downloading', 'network', 'memory', 'swap', 'postponed', 'gpu_missing', 'unknown']
  } + { not_scheduled: state('ready', 'light-green') },
  // What CPUs and kinds of GPU are called (resource), where BOINC, or a project, calls them otherwise.
  devices:: {
    cpu: 'CPU',
    NVIDIA: 'NVIDIA GPU',
    nvidia: 'NVIDIA GPU',
    ATI: 'AMD GPU',
    amd: 'AMD GPU',
    intel_gpu: 'Intel GPU',
    apple_gpu: 'Apple GPU',
  },
  // Why points in fact differ from those that are expected.
  pointsInFact:: 'Credit in fact can be far from it: the speed is often estimated from the peak of the device, which tasks hardly reach, above all on GPUs; each project decides what it pays for the same work; and computers do not compute all day.',
  // How soon tasks are due (boinc_tasks_due).
  within:: [['1h', '1 hour'], ['6h', '6 hours'], ['1d', '1 day'], ['3d', '3 days'], ['7d', '7 days']],
  // What the user can do about it.
  advice:: {
    suspended: 'Nothing, if intended',
    task_suspended: 'Resume the tasks or their project',
    no_new_tasks: 'Allow new tasks for a project',
    no_projects: 'Attach the client to a project',
    not_wanted: "Nothing, if intended; otherwise check the projects' preferences, account manager and cc_config.xml",
    no_application: 'Attach a project that has applications for it',
    deferred: 'Wait; see Contact below for how long',
    no_work: 'Wait, or attach a project that has work',
    downloading: 'Wait; see Transfers below if it lasts',
    network: 'Allow BOINC to use the network',
    memory: 'Let BOINC use more memory, or fewer CPUs',
    swap: 'Let BOINC use more swap space, or add some',
    disk: 'Let BOINC use more disk space, or free some',
    postponed: 'Check the task: its application waits, often for VirtualBox',
    not_scheduled: 'Check the event log if it lasts for minutes',
    gpu_missing: 'Restart the client once the driver works',
    unknown: 'Check the event log',
  },
  adviceSuspended:: { ['suspended: ' + name]: 'Nothing, if intended; otherwise change mode or preferences' for name in std.objectFields($.suspension) } + {
    'suspended: disk_size': 'Free disk space, or let BOINC use more of it',
    'suspended: benchmarks': 'Nothing: it takes a minute',
    'suspended: initial_delay': 'Nothing: it takes a few minutes',
    'suspended: battery_overheated': 'Let the computer cool',
    'suspended: cpu_usage': 'Nothing, if intended: another program is using the CPU',
  },
  // The same for tables, which show the reason for a suspension instead of just `suspended`.
  why:: self.idle + {
    ['suspended: ' + name]: $.suspension[name] { text: 'suspended: ' + super.text }
    for name in std.objectFields($.suspension)
  },
  // The reasons by number for timelines, starting at 1; 0 is none.
  idleCodes:: ['suspended', 'no_projects', 'memory', 'swap', 'not_scheduled', 'postponed', 'gpu_missing', 'network', 'task_suspended', 'downloading', 'no_new_tasks', 'not_wanted', 'no_application', 'disk', 'deferred', 'no_work', 'unknown'],

  // Why computing or the network is suspended, by name and by BOINC's number (boinc_suspend_reason, _code).
  local reasons = [
    [1, 'batteries', 'on batteries'],
    [2, 'user_active', 'computer in use'],
    [4, 'user_request', 'by the user'],
    [8, 'time_of_day', 'time of day'],
    [16, 'benchmarks', 'benchmarks'],
    [32, 'disk_size', 'disk is full'],
    [64, 'cpu_throttle', 'CPU time limit'],
    [128, 'no_recent_input', 'no recent input'],
    [256, 'initial_delay', 'just started'],
    [512, 'exclusive_app_running', 'exclusive app'],
    [1024, 'cpu_usage', 'CPU is busy'],
    [2048, 'network_quota_exceeded', 'traffic quota used up'],
    [4096, 'os', 'operating system'],
    [4097, 'wifi_state', 'no Wi-Fi'],
    [4098, 'battery_charging', 'charging'],
    [4099, 'battery_overheated', 'battery is hot'],
    [4100, 'no_gui_keepalive', 'manager closed'],
    [4101, 'podman_init', 'Podman starts'],
    [4102, 'battery_charge_wait', 'waits for battery'],
    [4103, 'battery_heat_wait', 'waits for battery to cool'],
  ],
  // Suspensions that nobody chose.
  local bad = ['disk_size', 'network_quota_exceeded', 'battery_overheated'],
  local color(name) = if std.member(bad, name) then 'red' else if name == 'cpu_throttle' then 'light-green' else 'blue',
  suspension:: { [r[1]]: state(r[2], color(r[1])) for r in reasons },
  suspensionCodes:: { '0': state('not suspended', 'green') } + { [std.toString(r[0])]: state(r[2], color(r[1])) for r in reasons },

  // Run modes by number (boinc_run_mode_code).
  modes:: {
    '1': state('always', 'light-green'),
    '2': state('by preferences', 'green'),
    '3': state('never', 'blue'),
  },

  // Whether a client answers, and why not (boinc_scrape_error).
  up:: { '0': state('down', 'red'), '1': state('up', 'green') },
  errors:: {
    refused: state('refused', 'red'),
    unreachable: state('unreachable', 'red'),
    unresolved: state('name not resolved', 'red'),
    timeout: state('timed out', 'red'),
    host_denied: state('host denied', 'red'),
    unauthorized: state('needs a password', 'red'),
    wrong_password: state('wrong password', 'red'),
    password_file: state('password file unreadable', 'red'),
    data_directory: state('data directory unreadable', 'orange'),
    server_error: state('client error', 'orange'),
    unsupported: state('request not known', 'orange'),
    truncated: state('reply cut off', 'orange'),
    too_large: state('reply too large', 'orange'),
    parse: state('invalid reply', 'red'),
    not_asked: state('exporter too busy to ask', 'orange'),
    file_descriptors: state('too few file descriptors', 'red'),
    internal: state('exporter bug', 'dark-red'),
  },

  // Problems of a client, from least to most serious; not answering is the most serious.
  local troubles = [
    ['contact', state('project unreachable', 'dark-yellow')],
    ['clock', state('clock is wrong', 'orange')],
    ['transfers', state('transfers fail', 'orange')],
    ['request', state('part of the data is missing', 'orange')],
    ['idle', state('idle, should compute', 'orange')],
    ['at_risk', state('deadlines at risk', 'orange')],
    ['late', state('tasks are late', 'orange')],
    ['disk', state('disk is full', 'red')],
    ['failing', state('tasks fail', 'red')],
    ['gpu', state('GPU is gone', 'red')],
    ['stuck', state('tasks are stuck', 'red')],
  ] + [[name, $.errors[name]] for name in std.objectFields($.errors)],
  troubleCode(name):: std.find(name, [t[0] for t in troubles])[0] + 1,
  troubleCodes:: { '0': state('–', 'text') } + { [std.toString($.troubleCode(t[0]))]: t[1] for t in troubles },

  // What a client is doing, by a number that the dashboards compute.
  activity:: {
    '0': state('down', 'red'),
    '1': state('suspended', 'blue'),
    '2': state('idle', 'orange'),
    '3': state('computing', 'green'),
  },

  // Tasks, by what they do or wait for.
  tasks:: {
    running: state('running', 'green'),
    waiting: state('waiting', '#7b8fa1'),
    new: state('new', '#8e8e8e'),
    downloading: state('downloading', 'light-yellow'),
    uploading: state('uploading', 'purple'),
    uploaded: state('to be reported', 'light-purple'),
    compute_error: state('failed', 'red'),
    aborted: state('aborted', 'orange'),
    upload_failed: state('upload failed', 'dark-red'),
  },

  // States of a task by BOINC's number; 10 to 12 are the dashboards' own, for its process.
  taskState:: {
    '0': $.tasks.new,
    '1': $.tasks.downloading,
    '2': $.tasks.waiting,
    '3': $.tasks.compute_error,
    '4': $.tasks.uploading,
    '5': $.tasks.uploaded,
    '6': $.tasks.aborted,
    '7': $.tasks.upload_failed,
    '10': $.tasks.running,
    '11': state('paused', 'blue'),
    '12': state('stuck', 'red'),
  },

  // BOINC's own exit statuses (lib/error_numbers.h in BOINC).
  local exit(code, words) = { text: '%s %s' % [code, words] },
  exitStatus:: { [e[0]]: exit(e[0], e[1]) for e in [
    ['193', 'crashed (signal)'],
    ['194', 'aborted by client'],
    ['195', 'child process failed'],
    ['196', 'too much disk'],
    ['197', 'too much time'],
    ['198', 'too much memory'],
    ['199', 'client exit'],
    ['200', 'not started in time'],
    ['201', 'GPU is missing'],
    ['202', 'aborted by project'],
    ['203', 'aborted by user'],
    ['204', 'unknown'],
    ['205', 'out of memory'],
    ['206', 'could not initialise'],
    ['207', 'no sub-tasks'],
    ['208', 'sub-task failed'],
    ['209', 'overdue'],
  ] },

  // Reasons for idle resources that are nobody's fault: what the user chose, and what the projects do not have.
  chosen:: ['suspended', 'task_suspended', 'no_new_tasks', 'no_projects', 'not_wanted', 'no_application'],

  // Results (outcome), transfers (state), work fetch: outcomes of requests, and reasons why there is no work.

  outcome:: { success: 'green', 'error': 'red', aborted: 'orange' },
  transfers:: {
    'upload active': state('uploading', 'purple'),
    'upload pending': state('uploads queued', 'light-purple'),
    'upload backoff': state('uploads to retry', 'orange'),
    'download active': state('downloading', 'yellow'),
    'download pending': state('downloads queued', 'light-yellow'),
    'download backoff': state('downloads to retry', 'dark-orange'),
  },
  priority:: {
    info: state('for information', '#8e8e8e'),
    user_alert: state('for you to read', 'orange'),
    internal_error: state('bug in BOINC', 'red'),
  },
  requests:: {
    asked: state('asked for work', 'blue'),
    tasks: state('got tasks', 'green'),
    none_sent: state('got none', 'yellow'),
  },
  fetch:: {
    not_needed: state('enough work', 'light-green'),
    not_requested: state('none asked for', 'super-light-green'),
    no_work: state('project has no work', 'dark-yellow'),
    deferred: state('must wait', 'yellow'),
    limit: state('limit of tasks at a time', 'light-blue'),
    quota: state('daily limit of tasks', 'orange'),
    no_new_tasks: state('no new tasks', 'super-light-blue'),
    suspended: state('project suspended', 'blue'),
    task_suspended: state('a task is suspended', 'light-blue'),
    maintenance: state('maintenance', 'purple'),
    unreachable: state('project not reached', 'red'),
    request_failed: state('request failed', 'dark-red'),
    server_down: state('server is down', 'dark-purple'),
    downloads_stalled: state('downloads get stuck', 'light-orange'),
    uploads_pending: state('uploads wait', 'semi-dark-orange'),
    disk: state('not enough disk space', 'dark-orange'),
    memory: state('not enough memory', 'orange'),
    too_slow: state('not done in time', 'light-purple'),
    preferences: state('ruled out by preferences', 'semi-dark-blue'),
    platform: state('no version for this computer', '#8e8e8e'),
    client_too_old: state('client is too old', 'super-light-orange'),
    gpu: state('GPU not suitable', 'light-red'),
    virtualbox: state('needs VirtualBox', 'super-light-purple'),
    docker: state('needs Docker or WSL', 'semi-dark-purple'),
    app_info: state('app_info.xml', 'semi-dark-green'),
    reattach: state('must be added again', 'super-light-red'),
    refused: state('computer refused', 'semi-dark-red'),
    other: state('other', '#c0c0c0'),
  },

  // Tasks in slots: what their applications do (state), and whether they save their work (checkpoints).
  slots:: {
    reporting: state('report progress', 'green'),
    unproven: state('have just started', 'super-light-green'),
    suspended: state('paused', 'blue'),
    stopped: state('stopped', 'dark-blue'),
    postponed: state('postponed', 'yellow'),
    silent: state('silent', 'red'),
    no_channel: state('never report', 'purple'),
  },

  // --- Projects' servers

  // Why a page of a project could not be had (boinc_server_error, boinc_server_collector_error).
  reasons:: {
    dns: state('no address', 'red'),
    refused: state('refused', 'red'),
    unreachable: state('unreachable', 'red'),
    timeout: state('timed out', 'red'),
    tls: state('no secure connection', 'red'),
    too_large: state('answer too large', 'orange'),
    truncated: state('answer cut off', 'red'),
    redirect: state('page has moved', 'orange'),
    login: state('only for logged-in people', 'text'),
    unauthorized: state('needs a password', 'orange'),
    blocked: state('keeps programs out', 'text'),
    too_many_requests: state('wants fewer requests', 'orange'),
    missing_page: state('page not offered', 'text'),
    maintenance: state('maintenance', 'dark-yellow'),
    database: state('database is down', 'red'),
    server_error: state('server failed', 'red'),
    unavailable: state('behind its front end', 'red'),
    http_error: state('HTTP error', 'orange'),
    html: state('page is for people', 'text'),
    portal: state('other web site', 'orange'),
    no_scheduler: state('names no scheduler', 'orange'),
    empty: state('empty answer', 'red'),
    unknown_id: state('id or key unknown', 'red'),
    bad_key: state('key not accepted', 'red'),
    access_denied: state('may not submit batches', 'red'),
    rejected: state('request not understood', 'orange'),
    project_error: state('project error', 'orange'),
    account_manager: state('account manager', 'red'),
    unknown: state('form not known', 'orange'),
    key_file: state('key file unreadable', 'red'),
    not_asked: state('not asked yet', 'text'),
    internal: state('exporter bug', 'dark-red'),
  },
  // Those that somebody who set the exporter up can put right.
  misconfigured:: ['redirect', 'no_scheduler', 'unknown_id', 'bad_key', 'access_denied', 'account_manager', 'key_file'],

  // A project's server (boinc_server_up); 2 is the dashboards' own.
  serverUp:: $.up { '2': state('unknown', '#c0c0c0') },

  // What a project's scheduler says of itself (boinc_server_scheduler_state).
  scheduler:: {
    up: state('works', 'green'),
    maintenance: state('maintenance', 'dark-yellow'),
    feeder: state('feeder is down', 'red'),
    database: state('database is down', 'dark-red'),
    configuration: state('set up wrongly', 'dark-orange'),
    down: state('down', 'red'),
    ended: state('project has ended', 'purple'),
    unknown: state('unknown', '#c0c0c0'),
  },
  // The same by number, for timelines; the last is for no answer.
  schedulerCodes:: std.objectFields($.scheduler) + ['silent'],
  silentScheduler:: state('no answer', 'semi-dark-red'),

  // The worst that is known of a project, by a number that the dashboards compute.
  projectNow:: {
    '0': state('server down', 'red'),
    '1': state('scheduler down', 'dark-orange'),
    '2': state('daemon down', 'orange'),
    '3': state('no work', 'yellow'),
    '4': state('has work', 'green'),
    '5': state('up', 'light-green'),
    '6': state('unknown', '#c0c0c0'),
  },
  isOn:: { '0': state('no', 'text'), '1': state('yes', 'text') },

  // A program of a project, by a number that the dashboards compute.
  daemon:: {
    '0': state('down', 'red'),
    '1': state('runs', 'green'),
    '2': state('disabled', 'blue'),
    '3': state('unknown', '#c0c0c0'),
  },

  // Workunits by the daemon that they wait for.
  queues:: {
    waiting_for_validation: state('validation', 'yellow'),
    waiting_for_assimilation: state('assimilation', 'purple'),
    waiting_for_deletion: state('deletion', '#7b8fa1'),
  },

  // What a project found of results, and on which it has not decided.
  validation:: {
    valid: state('valid', 'green'),
    invalid: state('invalid', 'red'),
    failed: state('failed', 'orange'),
    too_late: state('too late', 'dark-orange'),
    forgotten: state('forgotten before seen', '#8e8e8e'),
  },
  undecided:: {
    pending: state('pending', 'yellow'),
    inconclusive: state('inconclusive', 'orange'),
    unfinished: state('unfinished', 'light-yellow'),
    unknown: state('unknown', '#c0c0c0'),
  },

  // Batches of jobs.
  batch:: {
    init: state('new', '#8e8e8e'),
    in_progress: state('in progress', 'green'),
    complete: state('complete', '#7b8fa1'),
    aborted: state('aborted', 'orange'),
    retired: state('retired', '#b5b5b5'),
    unknown: state('unknown', '#c0c0c0'),
  },
  jobs:: {
    succeeded: state('succeeded', 'green'),
    failed: state('failed', 'red'),
    unfinished: state('unfinished', '#7b8fa1'),
  },
}
