//! What stands before the pages: TLS, users, headers, and sockets that systemd opened. All over real sockets.
//!
//! `tests/data/web_config/*.bad.yml` and `*.good.yml` are read one by one; a new case is a new file.

mod auth;
mod files;
mod metrics;
mod pki;
mod site;
mod systemd;
mod tls;
