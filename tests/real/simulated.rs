//! Simulated clients as those meet them who know real ones: BOINC's own tool, a terminal interface, an exporter, a Prometheus.

mod boinc;
mod boinctui;
mod commands;
mod demo;
mod history;
