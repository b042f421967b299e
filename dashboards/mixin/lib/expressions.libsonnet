// Expressions shared by several dashboards and the recording rules. Matchers are placeholders: see query.libsonnet.
{
  local client = 'job, instance, client',

  // Ratio of failed jobs to all that ended within a range. Absent if none ended.
  errorRatio(by, matchers, range)::
    '(sum by (%(by)s) (increase(boinc_project_jobs_total{%(m)s, outcome="error"}[%(range)s])) / (sum by (%(by)s) (increase(boinc_project_jobs_total{%(m)s}[%(range)s])) > 0))' % { by: by, m: matchers, range: range },

  // Credit that hosts earned within a range; it can be summed over hosts.
  hostCredit(by, matchers, range)::
    'sum by (%s) (delta(boinc_project_host_credit{%s}[%s]))' % [by, matchers, range],

  // A value of accounts, each counted once: all hosts of an account report the same value, some later than others. Two
  // accounts at a project differ by user_id. Hosts may have different names for a project until they learn its real one.
  account(metric, matchers, offset='')::
    ('max by (project_url, user_id) (%(metric)s{%(m)s}%(offset)s * on (%(client)s, project_url) group_left (user_id) boinc_project_info{%(m)s}%(offset)s)') %
    { metric: metric, m: matchers, client: client, offset: if offset == '' then '' else ' offset ' + offset },
  // The project's name that most hosts have.
  projectName(matchers)::
    'topk by (project_url) (1, count by (project_url, project) (boinc_project_info{%s}))' % matchers,
  named(expr, matchers)::
    '%s * on (project_url) group_left (project) (%s ^ 0)' % [expr, self.projectName(matchers)],
  accountCreditIn(range, matchers)::
    '(%s - %s)' % [self.account('boinc_project_user_credit', matchers), self.account('boinc_project_user_credit', matchers, range)],

  // Idle CPUs or GPUs, by reason.
  idleByReason(by, matchers)::
    'sum by (%s) (boinc_resource_idle{%s} * on (%s, resource) group_left (reason) (boinc_resource_idle_reason{%s} == 1))' % [by, matchers, client, matchers],
  busy(by, matchers)::
    'sum by (%s) (boinc_resource_usable{%s} - boinc_resource_idle{%s})' % [by, matchers, matchers],

  // GPUs that were present within a time and are missing now.
  gpusGone(matchers, within)::
    'max_over_time(boinc_host_coprocessors{%s}[%s]) - boinc_host_coprocessors{%s}' % [matchers, within, matchers],

  // boinc_host_info, without what Linux appends to the CPU's name.
  hostInfo(matchers)::
    'label_replace(boinc_host_info{%s}, "cpu_model", "$1", "cpu_model", "(.+?) [[]Family.*")' % matchers,

  // Why a resource is idle, as the label `why`; if suspended, with the reason for the suspension.
  why(by, resource, suspension, matchers)::
    |||
      max by (%(by)s, why) (
        label_replace(boinc_resource_idle_reason{%(m)s, %(resource)s, reason!="suspended"} == 1, "why", "$1", "reason", "(.*)")
        or
        (boinc_resource_idle_reason{%(m)s, %(resource)s, reason="suspended"} == 1)
        * on (%(client)s) group_left (why) (
          label_replace(boinc_suspend_reason{%(m)s, resource="%(suspension)s"} == 1, "why", "suspended: $1", "reason", "(.*)")
          or on (%(client)s)
          label_replace(boinc_suspend_reason{%(m)s, resource="cpu"} == 1, "why", "suspended: $1", "reason", "(.*)")
        )
      )
    ||| % { by: by, resource: resource, suspension: suspension, m: matchers, client: client },

  // Ratio of the disk space that BOINC uses to what it may use.
  diskUsed(by, matchers)::
    |||
      (
        sum by (%(by)s) (boinc_project_disk_usage_bytes{%(m)s}) + max by (%(by)s) (boinc_disk_client_bytes{%(m)s})
        or
        max by (%(by)s) (boinc_disk_client_bytes{%(m)s})
      ) / max by (%(by)s) (boinc_disk_allowed_bytes{%(m)s})
    ||| % { by: by, m: matchers },
}
