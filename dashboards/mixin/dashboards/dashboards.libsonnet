(import 'fleet.libsonnet') +
(import 'client.libsonnet') +
(import 'projects.libsonnet') +
(import 'tasks.libsonnet') +
(import 'exporter.libsonnet')
