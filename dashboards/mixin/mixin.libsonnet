// Dashboards, alerts and recording rules for boinc_exporter, as a monitoring mixin:
// grafanaDashboards, prometheusAlerts, prometheusRules; settings in _config.
(import 'config.libsonnet') +
(import 'dashboards/dashboards.libsonnet') +
(import 'alerts/alerts.libsonnet') +
(import 'rules/rules.libsonnet') +
{
  local clusters = (import 'lib/clusters.libsonnet')($._config),
  local withClusters(groups) = [group { rules: [clusters.rule(rule) for rule in group.rules] } for group in groups],
  grafanaDashboards: std.mapWithKey(function(name, dashboard) clusters.dashboard(dashboard), super.grafanaDashboards),
  prometheusAlerts: super.prometheusAlerts { groups: withClusters(super.groups) },
  prometheusRules: super.prometheusRules { groups: withClusters(super.groups) },
}
