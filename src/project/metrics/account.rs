//! Accounts, their computers, teams.

use super::{Metric, Table, details, time};
use crate::metric::Row;
use crate::project::collectors::Collector;
use crate::project::snapshot::{Account, HostView, TeamView};

/// One row per account.
pub const ACCOUNTS: Table<Account> = Table {
    title: "Accounts",
    collector: Collector::Account,
    origin: "show_user user",
    labels: &["user_id"],
    rows: |snapshot| {
        snapshot.accounts.iter().map(|account| Row { labels: vec![&account.reading.id], item: account }).collect()
    },
    metrics: &[
        Metric::one(
            "boinc_account_credit",
            "Total credit (points) of the account in cobblestones, as the project knows it. It can fall.",
            "total_credit",
            |a| a.reading.user.total_credit,
        ),
        Metric::one(
            "boinc_account_average_credit",
            "Recent average credit (RAC) of the account in cobblestones per day, half-life 7 days, worth at the moment of the scrape.",
            "expavg_credit, expavg_time",
            |a| a.average,
        ),
        Metric::one(
            "boinc_account_hosts",
            "Computers that the account ever had; only with the account key.",
            "host",
            |a| a.reading.has_hosts.then_some(a.reading.all_hosts as f64),
        ),
        Metric::one(
            "boinc_account_hosts_active",
            "Computers of the account that contacted the project within 7 days; only with the account key.",
            "host rpc_time",
            |a| a.reading.active_hosts.map(|hosts| hosts as f64),
        ),
        details(Metric::many(
            "boinc_account_info",
            &["team_id"],
            "Always 1, with the id of the account's team; empty without one.",
            "teamid",
            |a, emit| {
                let team = a.reading.user.teamid.filter(|id| *id > 0).map(|id| id.to_string()).unwrap_or_default();
                emit.sample(&[&team], 1.0);
            },
        )),
        details(Metric::one(
            "boinc_account_created_timestamp_seconds",
            "When the account was created.",
            "create_time",
            |a| time(a.reading.user.create_time),
        )),
    ],
};

/// One row per computer that was heard of within 90 days.
pub const HOSTS: Table<HostView> = Table {
    title: "Computers of accounts",
    collector: Collector::Account,
    origin: "show_user host",
    labels: &["host_id"],
    rows: |snapshot| snapshot.hosts.iter().map(|host| Row { labels: vec![&host.host.id], item: host }).collect(),
    metrics: &[
        Metric::one(
            "boinc_account_host_last_contact_timestamp_seconds",
            "When the computer last contacted the project; only with the account key, and not beyond 90 days.",
            "rpc_time",
            |h| h.host.host.last_contact(),
        ),
        Metric::one(
            "boinc_account_host_credit",
            "Total credit (points) of the computer in cobblestones, as the project knows it.",
            "total_credit",
            |h| h.host.host.total_credit,
        ),
        Metric::one(
            "boinc_account_host_average_credit",
            "Recent average credit (RAC) of the computer in cobblestones per day, worth at the moment of the scrape.",
            "expavg_credit, expavg_time",
            |h| h.average,
        ),
        Metric::only_with(
            Collector::Names,
            Metric::many(
                "boinc_account_host_info",
                &["host_name", "os_name"],
                "Always 1, with the name and the operating system of the computer.",
                "domain_name, os_name",
                |h, emit| emit.sample(&[&h.host.host.domain_name, &h.host.host.os_name], 1.0),
            ),
        ),
        details(Metric::one(
            "boinc_account_host_created_timestamp_seconds",
            "When the computer first contacted the project.",
            "create_time",
            |h| time(h.host.host.create_time),
        )),
        details(Metric::one(
            "boinc_account_host_contacts",
            "Contacts of the computer with the project's scheduler.",
            "rpc_seqno",
            |h| h.host.host.rpc_seqno,
        )),
        details(Metric::one("boinc_account_host_cpus", "CPUs of the computer.", "p_ncpus", |h| h.host.host.p_ncpus)),
        details(Metric::one(
            "boinc_account_host_cpu_floating_point_operations_per_second",
            "Measured speed of one CPU of the computer (Whetstone).",
            "p_fpops",
            |h| h.host.host.p_fpops,
        )),
        details(Metric::one(
            "boinc_account_host_cpu_integer_operations_per_second",
            "Measured speed of one CPU of the computer with integers (Dhrystone).",
            "p_iops",
            |h| h.host.host.p_iops,
        )),
        details(Metric::one("boinc_account_host_memory_bytes", "Memory of the computer.", "m_nbytes", |h| {
            h.host.host.m_nbytes
        })),
        details(Metric::one(
            "boinc_account_host_disk_free_bytes",
            "Free space on the computer's disk.",
            "d_free",
            |h| h.host.host.d_free,
        )),
        details(Metric::one("boinc_account_host_disk_bytes", "Size of the computer's disk.", "d_total", |h| {
            h.host.host.d_total
        })),
    ],
};

/// One row per team.
pub const TEAMS: Table<TeamView> = Table {
    title: "Teams",
    collector: Collector::Team,
    origin: "team_lookup team",
    labels: &["team_id"],
    rows: |snapshot| snapshot.teams.iter().map(|team| Row { labels: vec![&team.id], item: team }).collect(),
    metrics: &[
        Metric::one(
            "boinc_team_credit",
            "Total credit (points) of the team in cobblestones. It can fall.",
            "total_credit",
            |t| t.team.as_ref()?.total_credit,
        ),
        Metric::one(
            "boinc_team_average_credit",
            "Recent average credit (RAC) of the team in cobblestones per day, worth at the moment of the scrape.",
            "expavg_credit, expavg_time",
            |t| t.average,
        ),
        Metric::only_with(
            Collector::Names,
            Metric::many(
                "boinc_team_info",
                &["team_name"],
                "Always 1, with the name of the team.",
                "name",
                |t, emit| {
                    if let Some(team) = &t.team {
                        emit.sample(&[&team.name], 1.0);
                    }
                },
            ),
        ),
        details(Metric::one(
            "boinc_team_created_timestamp_seconds",
            "When the team was created.",
            "create_time",
            |t| t.team.as_ref().and_then(|team| time(team.create_time)),
        )),
        details(Metric::one(
            "boinc_team_type_code",
            "Kind of team, as BOINC's code: 1 other, 2 company, 3 to 6 schools and universities, 7 government, 8 non-profit, 9 national, 10 local, 11 kind of computer, 12 social.",
            "type",
            |t| t.team.as_ref().and_then(|team| team.kind).map(|kind| kind as f64),
        )),
    ],
};

/// One row per team.
pub const MEMBERS: Table<TeamView> = Table {
    title: "Members of teams",
    collector: Collector::Members,
    origin: "team_email_list user",
    labels: &["team_id"],
    rows: |snapshot| snapshot.teams.iter().map(|team| Row { labels: vec![&team.id], item: team }).collect(),
    metrics: &[Metric::many(
        "boinc_team_members",
        &["kind"],
        "Members of the team: all, those with credit, those with recent credit (an average above 1).",
        "total_credit, expavg_credit",
        |t, emit| {
            if let Some(members) = &t.members {
                emit.count(&["all"], members.members);
                emit.count(&["with_credit"], members.with_credit);
                emit.sample(&["with_recent_credit"], members.with_recent_credit.map(|count| count as f64));
            }
        },
    )],
};
