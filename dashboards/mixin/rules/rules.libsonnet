// Recording rules for what is expensive over long ranges and many clients. The dashboards use them if
// _config.dashboards.useRecordingRules is set.
local e = import '../lib/expressions.libsonnet';
local query = import '../lib/query.libsonnet';

{
  local config = $._config,
  local r = query.forRule(config),
  local record(name, expr) = { record: name, expr: query.block(r(expr)) },
  local ofProject = query.client + ', project, project_url',

  prometheusRules+:: {
    groups+: [
      {
        name: 'boinc-credit',
        // Credit changes when a client contacts a project, a few times a day.
        interval: '5m',
        rules: [
          record('project_user:boinc_project_user_credit:max', e.named(e.account('boinc_project_user_credit', 'SEL'), 'SEL')),
          record('project_user:boinc_project_user_average_credit:max', e.named(e.account('boinc_project_user_average_credit', 'SEL'), 'SEL')),
          record('project_user:boinc_project_user_credit:delta1d', e.named(e.accountCreditIn(1, 'SEL'), 'SEL')),
          record('client_project:boinc_project_host_credit:delta1d', e.hostCredit(ofProject, 'SEL', '1d')),
        ],
      },
      {
        name: 'boinc-ratios',
        rules: [
          record('client_project:boinc_tasks_reported:error_ratio_increase1d', e.errorRatio(ofProject, 'SEL', '1d')),
          record('client_resource:boinc_resource_idle:ratio', 'boinc_resource_idle{SEL} / (boinc_resource_usable{SEL} > 0)'),
          record('job_resource:boinc_resource_idle:ratio', 'sum by (job, resource) (boinc_resource_idle{SEL}) / (sum by (job, resource) (boinc_resource_usable{SEL}) > 0)'),
        ],
      },
    ],
  },
}
