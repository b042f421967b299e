// Dashboards, alerts and recording rules for boinc_exporter, as a monitoring mixin:
// grafanaDashboards, prometheusAlerts, prometheusRules; settings in _config.
(import 'config.libsonnet') +
(import 'dashboards/dashboards.libsonnet') +
(import 'alerts/alerts.libsonnet') +
(import 'rules/rules.libsonnet')
