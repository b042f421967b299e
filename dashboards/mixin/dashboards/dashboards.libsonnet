(import 'fleet.libsonnet') +
(import 'client.libsonnet') +
(import 'projects.libsonnet') +
(import 'server.libsonnet') +
(import 'accounts.libsonnet') +
(import 'batches.libsonnet') +
(import 'tasks.libsonnet') +
(import 'exporter.libsonnet')
