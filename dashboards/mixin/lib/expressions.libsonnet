// Expressions shared by several dashboards, alerts and recording rules. Matchers are placeholders: see query.libsonnet.
local query = import 'query.libsonnet';
local s = import 'states.libsonnet';

{
  // Reported tasks that failed or were aborted. Unlike boinc_project_jobs_total, this counts tasks that never ran.
  failed(by, matchers, range)::
    'sum by (%s) (increase(boinc_tasks_reported_total{%s, outcome!="success"}[%s]))' % [by, matchers, range],
  // Ratio of failed tasks to all that were reported within a range. Absent if none were.
  errorRatio(by, matchers, range)::
    '(%s / (sum by (%s) (increase(boinc_tasks_reported_total{%s}[%s])) > 0))' % [self.failed(by, matchers, range), by, matchers, range],

  // Credit that hosts earned within a range; it can be summed over hosts.
  hostCredit(by, matchers, range)::
    'sum by (%s) (delta(boinc_project_host_credit{%s}[%s]))' % [by, matchers, range],

  // Adds the label `site_url`: the project's URL without scheme and without a slash at the end, as BOINC compares URLs.
  withSite(expr):: 'label_replace(%s, "site_url", "$1", "project_url", "(?:[a-zA-Z]+://)?(.*?)/*")' % expr,

  // The labels of boinc_project_info that other metrics of a project do not have.
  local ids = 'host_id, user_id, team_id, venue',
  // A metric of projects, and of clients that do not answer what they said last within some days. A project that an answering
  // client has left is not among them.
  local known(metric, matchers, days, at='') =
    '(%(metric)s{%(m)s}%(at)s or ignoring (project, project_url, %(ids)s) last_over_time(%(metric)s{%(m)s}[%(days)dd]%(at)s))' % { metric: metric, m: matchers, ids: ids, days: days, at: at },
  // Adds user_id to a metric of projects. Of a client that is off, or has left a project, the account that it had for most of
  // these days: there may have been two.
  local withUser(expr, matchers, days, at='') =
    '%(expr)s * ignoring (%(ids)s) group_left (user_id) topk without (%(ids)s) (1, boinc_project_info{%(m)s}%(at)s or ignoring (%(ids)s) count_over_time(boinc_project_info{%(m)s}[%(days)dd]%(at)s)) ^ 0' % { expr: expr, m: matchers, ids: ids, days: days, at: at },

  // A value of accounts, each counted once: all hosts of an account report the same value, some later than others. Two
  // accounts at a project differ by user_id. Hosts may be attached by different URLs of a project. The host that heard last may
  // be off: what it said counts for some days.
  account(metric, matchers, days=1, at='')::
    'max by (site_url, user_id) (%s)' % self.withSite(withUser(known(metric, matchers, days, at), matchers, days, at)),
  accountHosts(matchers)::
    'count by (site_url, user_id) (%s)' % self.withSite(known('boinc_project_info', matchers, 1)),
  // The name and URL of a project that most hosts have; if equally many, those with a name and https.
  projectName(matchers)::
    local info = known('boinc_project_info', matchers, 1);
    local good = 'last_over_time(boinc_project_info{%s, project!~"https?://.*", project_url=~"https:.*"}[1d])' % matchers;
    local count(infos) = 'count by (site_url, project, project_url) (%s)' % self.withSite(infos);
    'topk by (site_url) (1, 0.5 + %s or %s)' % [count(info + ' and ' + good), count(info)],
  named(expr, matchers)::
    'max by (project, project_url, user_id) (%s * on (site_url) group_left (project, project_url) (%s ^ 0))' % [expr, self.projectName(matchers)],
  // Credit that accounts got within some days. Both sides look back to the same moment: otherwise, a host that went off would
  // count on one of them only, and what others say would be taken from what it said.
  accountCreditIn(days, matchers)::
    local credit(lookback, at='') = self.account('boinc_project_user_credit', matchers, lookback, at);
    '(%s - %s)' % [credit(days + 1), credit(1, ' offset %dd' % days)],

  // Number of projects, each counted once by its URL.
  projects(expr):: 'count(count by (site_url) (%s))' % self.withSite(expr),

  // Idle CPUs or GPUs, by reason.
  idleByReason(by, matchers)::
    'sum by (%s) (boinc_resource_idle{%s} * ignoring (reason) group_right () (boinc_resource_idle_reason{%s} == 1))' % [by, matchers, matchers],
  busy(by, matchers)::
    'sum by (%s) (boinc_resource_usable{%s} - boinc_resource_idle{%s})' % [by, matchers, matchers],

  // GPUs that were present within a time and are missing now; at least one if tasks wait for a missing one, as they do where it
  // was missing before the first scrape. Some clients always report 0 in boinc_host_gpus.
  gpusGone(matchers, within)::
    local gpus = 'sum without (resource, model) (boinc_gpu_devices{%s})' % matchers;
    local fewer = 'max_over_time((%s)[%s:10m]) - (%s or 0 * (boinc_up{%s} == 1))' % [gpus, within, gpus, matchers];
    local waited = '(sum without (project, project_url, reason) (boinc_tasks_waiting{%s, reason="gpu_missing"}) > 0) ^ 0' % matchers;
    '((%s) > 0 or %s)' % [fewer, waited],

  // Contacts with a scheduler that failed, or attempts to fetch a master page. boinc_project_scheduler_rpc_failures does not
  // tell: each failing task raises it too, and it starts again after ten.
  contactsFailed(by, matchers, range):: 'sum by (%s) (%s)' % [by, contactFailures(matchers, range)],
  local contactFailures(matchers, range) =
    'increase(boinc_work_fetch_replies_total{%s, reason=~"unreachable|request_failed"}[%s])' % [matchers, range],
  // Projects with which no contact succeeded for some hours although some were attempted; the value is 1. A client waits for up
  // to four hours after failures, and a day once it could not fetch the master page three times. `clients` are the matchers without
  // those of projects.
  unreachable(matchers, hours, clients=matchers)::
    local within(hours) = |||
      (1 - boinc_project_suspended{%(m)s}) == 1
      and ignoring (project_url)
      -(%(failed)s) < %(seconds)g
      unless
      %(contact)s < %(seconds)g
    ||| % {
      m: matchers,
      failed: query.ahead('boinc_project_last_contact_failure_timestamp_seconds{%s}' % matchers),
      contact: query.ago('boinc_project_last_rpc_timestamp_seconds{%s}' % matchers),
      seconds: hours * 3600,
    };
    '(\n%sor\n%s)\n%s' % [within(hours), within(std.max(hours, 26)), $.unlessUnwanted(matchers, clients)],
  // Leaves out projects that nobody wants contacted.
  unlessUnwanted(matchers, clients=matchers):: |||
    unless (
      boinc_project_suspended{%(m)s} == 1 or boinc_project_ended{%(m)s} == 1
    )
    unless ignoring (%(own)s) boinc_suspended{%(clients)s, activity="network"} == 1
  ||| % { m: matchers, clients: clients, own: query.own },

  // The worst problem of a client, as a number: states.libsonnet gives its text, and tables sort by it.
  trouble(by, matchers, alerts)::
    local kinds = {
      contact: 'max by (%(by)s) (%(unreachable)s)',
      clock: 'max by (%(by)s) (abs(boinc_client_clock_timestamp_seconds{%(m)s} - timestamp(boinc_client_clock_timestamp_seconds{%(m)s}))) > bool %(skew)g',
      transfers: 'sum by (%(by)s) (boinc_transfers{%(m)s, state="backoff"}) > bool 0',
      request: 'max by (%(by)s) (boinc_scrape_error{%(m)s})',
      idle: 'max by (%(by)s) (boinc_resource_idle_reason{%(m)s, reason!~"%(chosen)s"})',
      at_risk: '(sum by (%(by)s) (boinc_tasks_deadline_at_risk{%(m)s}) > bool 0) * (sum by (%(by)s) (boinc_tasks_overdue{%(m)s}) == bool 0)',
      late: 'sum by (%(by)s) (boinc_tasks_overdue{%(m)s}) > bool 0',
      disk: '%(disk)s > bool %(full)g',
      failing: '(%(errors)s > bool %(many)g) * (%(failed)s >= bool %(least)g)',
      gpu: 'max by (%(by)s) (%(gone)s) > bool 0',
      stuck: 'sum by (%(by)s) (boinc_tasks_stalled{%(m)s}) > bool 0',
    };
    local words = {
      by: by,
      m: matchers,
      unreachable: $.unreachable(matchers, alerts.projectUnreachableHours),
      skew: alerts.clockSkewSeconds,
      chosen: std.join('|', s.chosen),
      disk: std.stripChars($.diskUsed(by, matchers), '\n'),
      full: alerts.diskUsedRatio,
      errors: $.errorRatio(by, matchers, '1d'),
      many: alerts.errorRatio,
      failed: $.failed(by, matchers, '1d'),
      least: alerts.errorsAtLeast,
      gone: $.gpusGone(matchers, alerts.gpuSeenWithin),
    };
    local ofRunning = [
      'label_replace(%d * (%s), "trouble", "%s", "", "")' % [s.troubleCode(name), kinds[name] % words, name]
      for name in std.objectFields(kinds)
    ];
    local ofDown = [
      '%d * (boinc_scrape_error{%s, reason="%s"} and ignoring (reason) boinc_up{%s} == 0)' % [s.troubleCode(name), matchers, name, matchers]
      for name in std.objectFields(s.errors)
    ];
    'max by (%s) (%s)' % [by, std.join(' or ', ofRunning + ofDown)],

  // boinc_host_info, without what Linux appends to the CPU's name.
  hostInfo(matchers)::
    'label_replace(boinc_host_info{%s}, "cpu_model", "$1", "cpu_model", "(.+?) [[]Family.*")' % matchers,

  // Why a resource is idle, as the label `why`; if suspended, with the reason for the suspension. For GPUs, the suspension of all
  // computing counts if GPUs have none of their own. There is no `or on`: VictoriaMetrics fills series with it that a comparison
  // has emptied.
  why(by, resource, suspension, matchers)::
    local suspended(activity) = '(boinc_suspend_reason{%s, activity="%s"} == 1)' % [matchers, activity];
    local named(expr) = 'label_replace(%s, "why", "suspended: $1", "reason", "(.*)")' % expr;
    local all = named(suspended('cpu'));
    local reasons =
      if suspension == 'cpu' then all
      else '%s or (%s unless ignoring (activity, reason, why) %s)' % [named(suspended(suspension)), all, suspended(suspension)];
    |||
      max by (%(by)s, why) (
        label_replace(boinc_resource_idle_reason{%(m)s, %(resource)s, reason!="suspended"} == 1, "why", "$1", "reason", "(.*)")
        or
        (boinc_resource_idle_reason{%(m)s, %(resource)s, reason="suspended"} == 1)
        * ignoring (resource, activity, reason, why) group_left (why) (%(reasons)s)
      )
    ||| % { by: by, resource: resource, reasons: reasons, m: matchers },

  // An expression, with a label that says – for each value of `by` that the expression does not have.
  orDash(expr, by, label, all)::
    '%(expr)s or (label_replace(%(all)s, "%(label)s", "–", "", "") unless on (%(by)s) (%(expr)s))' % { expr: std.stripChars(expr, ' \n'), by: by, label: label, all: all },

  // Ratio of the disk space that BOINC uses to what it may use.
  diskUsed(by, matchers)::
    |||
      (
        sum by (%(by)s) (boinc_project_disk_usage_bytes{%(m)s}) + max by (%(by)s) (boinc_disk_client_bytes{%(m)s})
        or
        max by (%(by)s) (boinc_disk_client_bytes{%(m)s})
      ) / max by (%(by)s) (boinc_disk_allowed_bytes{%(m)s})
    ||| % { by: by, m: matchers },

  // --- Projects' servers. Several exporters may watch the same project: each value counts once.

  // A value of the project's server, of an account of it, of a batch.
  ofProject(expr, more=[]):: 'max by (%s) (%s)' % [std.join(', ', ['project'] + more), expr],
  daemons(matchers, status, by=['project', 'daemon', 'app'])::
    'max by (%s) (boinc_server_daemons{%s, status="%s"})' % [std.join(', ', by), matchers, status],

  // Accounts by the project's URL, as clients are attached to it, perhaps by another name.
  ofAccount(expr):: 'max by (project, site_url, user_id) (%s)' % self.withSite(expr),
  // What the watched clients say of an account, or said within some days, added up; the rows are the same as those of ofAccount.
  ofWatched(expr, clients, matchers, days)::
    '(%s ^ 0) * on (site_url, user_id) group_left () sum by (site_url, user_id) (%s)' % [
      self.ofAccount('boinc_account_credit{%s}' % matchers),
      self.withSite(withUser(expr, clients, days)),
    ],

  // Computers of accounts that no exporter watches and that were not heard of for some days, though they earned something
  // until then. The value is for how long. One that works for another project meanwhile is not silent, if names tell which it is.
  silent(matchers, clients, days, retired)::
    |||
      max without (instance, site_url) (
        %(silent)s
        unless on (site_url, host_id) %(watched)s
        unless on (project_url, host_id) (
          boinc_account_host_info{%(m)s, host_name!=""}
          and on (host_name)
          (
            boinc_account_host_info{%(m)s, host_name!=""}
            and on (project_url, host_id)
            (time() - boinc_account_host_last_contact_timestamp_seconds{%(m)s} <= %(days)g)
          )
        )
      )
    ||| % {
      m: matchers,
      days: days * 86400,
      silent: $.withSite('time() - boinc_account_host_last_contact_timestamp_seconds{%s} > %g < %g and boinc_account_host_average_credit{%s} >= 1' % [matchers, days * 86400, retired * 86400, matchers]),
      watched: $.withSite('last_over_time(boinc_project_info{%s}[%dd])' % [clients, retired]),
    },

  // Ratio of results that a project found invalid to those that it found valid or invalid, within a range.
  invalidRatio(by, matchers, range)::
    local decided(outcomes) = 'sum by (%s) (increase(boinc_validation_tasks_total{%s, outcome=~"%s"}[%s]))' % [by, matchers, outcomes, range];
    '(%s / (%s > 0))' % [decided('invalid'), decided('valid|invalid')],

  // Ratio of failed jobs of batches to those that are over.
  failedJobs(by, matchers, among='')::
    local jobs(states) = 'sum by (%s) (max by (project, batch_id, app, state) (boinc_batch_jobs{%s, state=~"%s"}%s))' % [by, matchers, states, among];
    '(%s / (%s > 0))' % [jobs('failed'), jobs('failed|succeeded')],
}
