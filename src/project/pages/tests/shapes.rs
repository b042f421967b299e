//! Shapes of pages that were told of and not recorded: other servers, other years, damage.

use super::super::batches::{BatchState, Jobs};
use super::super::credit::average_now;
use super::super::results::{Device, Validation};
use super::super::scheduler::{Class, SchedulerState};
use super::super::status::{DaemonState, Runtimes};
use super::super::user::Names;
use super::super::{
    Answer, Oddities, Page, Text, batch, batches, config, master, members, ping, results, scheduler, statistics,
    status, team, user,
};
use super::recording::{Recording, read, recordings};
use crate::project::reason::Reason;

const fn answer(body: &str) -> Answer<'_> {
    Answer { status: 200, location: "", body: body.as_bytes() }
}

fn recording(page: &str, name: &str) -> Recording {
    recordings(page).into_iter().find(|recording| recording.name == name).expect("it is there")
}

/// The content of a page without anything odd.
fn clean<T>(page: Result<Page<T>, super::super::Fault>) -> T {
    let page = page.unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(page.oddities, Oddities::default());
    page.content
}

/// The same page, with a message of PHP before each of its tags and inside of each number.
#[test]
fn messages_of_php_change_nothing() {
    let notice = "<br />\n<b>Deprecated</b>:  Creation of dynamic property X::$y is deprecated in <b>/srv/z.inc</b> on line <b>181</b><br />\n";
    let plain = "\nWarning: Undefined array key 5 in /srv/z.inc on line 25\n";
    for (page, name) in [
        ("batches", "2026_done"),
        ("batch", "2026_with_failure"),
        ("config", "2026_lab"),
        ("members", "2026_members"),
        ("ping", "2026_up"),
        ("results", "2026_two_and_one_gone"),
        ("statistics", "2026_lab"),
        ("status", "2026_feeder_stopped"),
        ("team", "2026_name_all"),
        ("user", "2026_unescaped_host"),
    ] {
        let whole = recording(page, name);
        let expected = read(page, &whole.answer(), Names::Keep).expect("it is a page");
        let text = String::from_utf8(whole.body.clone()).expect("it is UTF-8");
        for noise in [notice, plain] {
            for noisy in [
                format!("{noise}{text}"),
                text.replace("\n<", &format!("\n{noise}<")),
                text.replace("\n    ", &format!("\n{noise}    ")),
                text.replace("<id>", &format!("<id>{noise}")).replace("_credit>", &format!("_credit>{noise}")),
            ] {
                let said = read(page, &answer(&noisy), Names::Keep).expect("it is a page");
                let without = |said: &str| {
                    said.lines().filter(|line| !line.contains("notices: ")).map(str::to_owned).collect::<Vec<_>>()
                };
                assert_eq!(without(&said), without(&expected), "{page}: {noisy}");
            }
        }
    }
}

#[test]
fn a_complete_configuration_of_2005() {
    let config = clean(config::read(&answer(
        "<project_config>\n<name>P</name>\n<min_passwd_length>6</min_passwd_length></project_config>",
    )));
    assert_eq!(
        (&*config.name, config.web_stopped, config.is_stopped(), config.creates_accounts()),
        ("P", None, None, true)
    );
    assert!(config.platform_names().is_empty());
}

#[test]
fn a_stopped_project_of_2006_and_platforms_of_2007() {
    let text = "<project_config>\n    <name>P & Q</name>\n    <error_num>-183</error_num>\n    <web_stopped>1</web_stopped>\n\
        <platforms><platform><name>a</name><user_friendly_name>A</user_friendly_name></platform><platform><name>b</name></platform>\
        <platform><name>a</name><plan_class>cuda</plan_class></platform></platforms><account_creation_disabled/></project_config>";
    let config = clean(config::read(&answer(text)));
    assert_eq!((&*config.name, config.is_stopped(), config.creates_accounts()), ("P & Q", Some(true), false));
    assert_eq!(config.platform_names().into_iter().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(config.plan_classes().into_iter().collect::<Vec<_>>(), ["cuda"]);
}

#[test]
fn terms_of_use_are_nobody_s_elements() {
    let text = "<project_config><name>P</name>\n<terms_of_use>\n<p>By <b>joining</i> see <https://www.gnu.org/licenses/>.\n\
        <name>Evil</name></p></div><web_stopped>1</web_stopped> A & B\n</terms_of_use>\n<min_client_version>50800</min_client_version>\n\
        </project_config>";
    let config = clean(config::read(&answer(text)));
    assert_eq!((&*config.name, config.web_stopped, config.oldest_client()), ("P", None, Some(50_800)));
}

#[test]
fn two_scales_of_the_oldest_client() {
    for (text, version) in [
        ("<min_core_client_version>508</min_core_client_version>", Some(50_800)),
        ("<min_client_version>71602</min_client_version>", Some(71_602)),
        (
            "<min_client_version>50800</min_client_version><min_core_client_version>600</min_core_client_version>",
            Some(50_800),
        ),
        ("<min_client_version>0</min_client_version>", None),
        ("", None),
    ] {
        let config = clean(config::read(&answer(&format!("<project_config>{text}</project_config>"))));
        assert_eq!(config.oldest_client(), version, "{text}");
    }
}

#[test]
fn the_first_name_counts() {
    let text = "<project_config><name>P</name><name>Q</name></project_config>";
    assert_eq!(&*clean(config::read(&answer(text))).name, "P");
}

#[test]
fn encodings() {
    for (bytes, name) in [
        (b"<user><id>1</id><host><domain_name>Zo\xC3\xAB</domain_name></host></user>".as_slice(), "Zoë"),
        (b"\xEF\xBB\xBF<user><host><domain_name>Zo\xEB</domain_name></host></user>", "Zoë"),
        (b"<user><host><domain_name>Zo&#195;&#171; &amp; AT&T</domain_name></host></user>", "Zoë & AT&T"),
        (b"<user><host><domain_name><![CDATA[<a> & b]]></domain_name></host></user>", "<a> & b"),
        (b"<user><host><domain_name>\n   h\n</domain_name></host></user>", "h"),
        (b"<user><host><domain_name>a\x1Bb</domain_name></host></user>", "a\u{FFFD}b"),
    ] {
        let user = clean(user::read(&Answer { body: bytes, ..answer("") }, Names::Keep));
        assert_eq!(&*user.hosts[0].domain_name, name);
    }
}

#[test]
fn one_bad_host_does_not_lose_the_others() {
    let text = "<user>\n<id>1</id>\n<host>\n<id>1</id>\n<domain_name>a<b></domain_name>\n<p_model>AT&T <x> </y></p_model>\n<rpc_time>x</rpc_time>\n\
        </host>\n<host>\n<id>2</id>\n<rpc_time>5</rpc_time>\n<odd><rpc_time>7</rpc_time></odd>\n</host>\n<total_credit>1e16</total_credit>\n</user>";
    let page = user::read(&answer(text), Names::Keep).expect("it is a page");
    let user = page.content;
    assert_eq!(
        user.hosts.iter().map(|host| (host.id, host.last_contact())).collect::<Vec<_>>(),
        [(Some(1), None), (Some(2), Some(5.0))]
    );
    assert_eq!(user.total_credit, Some(1e16));
    assert_eq!(page.oddities, Oddities { unknown_elements: 1, unreadable_values: 1, ..Oddities::default() });
}

#[test]
fn what_is_empty_is_unknown() {
    let text = "<user><id>1</id><total_credit>5</total_credit><expavg_credit>2</expavg_credit><expavg_time/><teamid></teamid></user>";
    let user = clean(user::read(&answer(text), Names::Drop));
    assert_eq!((user.expavg_time, user.teamid, user.average_now(1e9)), (None, None, None));
    let zero = clean(user::read(&answer("<user><host><rpc_time>0</rpc_time></host></user>"), Names::Drop));
    assert_eq!(zero.hosts[0].last_contact(), None);
}

#[test]
fn averages_fall_by_half_in_a_week() {
    let week = 604_800.0;
    assert_eq!(average_now(Some(8.0), Some(1e9), 1e9), Some(8.0));
    assert_eq!(average_now(Some(8.0), Some(1e9), 1e9 + week), Some(4.0));
    assert_eq!(average_now(Some(8.0), Some(1e9), 1e9 + 3.0 * week), Some(1.0));
    assert_eq!(average_now(Some(8.0), Some(1e9), 1e9 - week), Some(8.0));
    assert_eq!(average_now(Some(8.0), Some(0.0), 1e9), None);
    assert_eq!(average_now(None, Some(1e9), 1e9), None);
}

#[test]
fn status_of_all_ages() {
    let text = "<html><body>\n<server_status>\n<update_time>1400000000</update_time>\n<software_version>26000</software_version>\n<daemon_status>\n\
        <daemon><host>h</host><command>\n        make_work (a (b))</command><status>running</status></daemon>\n\
        <daemon><host>h</host><command>validator (x)</command><status>Not Running</status></daemon>\n\
        <daemon><host>h</host><command>Scheduler</command><status>disabled</status></daemon>\n\
        <daemon><host>h</host><command>feeder</command><status>resting</status></daemon>\n</daemon_status>\n<database_file_states>\n\
        <results_ready_to_send app=\"x\" appid=\"7\">5</results_ready_to_send>\n<results_ready_to_send app=\"total\">12</results_ready_to_send>\n\
        <results_ready_to_send app='y' appid='8'>7</results_ready_to_send>\n<results_in_progress>3</results_in_progress>\n\
        <workunits_waiting_for_validation app=\"x\">2</workunits_waiting_for_validation>\n\
        <transitioner_backlog_hours>-0.5</transitioner_backlog_hours>\n<cpu_flops>77</cpu_flops>\n<tasks_by_app>\n<app>\n<id>7</id>\n<name>x</name>\n\
        <in_progress>4</in_progress>\n<avg_runtime>0</avg_runtime>\n<min_runtime>0</min_runtime>\n<max_runtime>0</max_runtime>\n\
        <users_24h>0</users_24h>\n</app>\n<app><id>9</id><name>z</name><unsent>1</unsent><avg_runtime>1.5</avg_runtime>\
        <min_runtime>0.01</min_runtime><max_runtime>2</max_runtime><users>6</users></app>\n</tasks_by_app>\n</database_file_states>\n\
        </server_status></body></html>";
    let status = clean(status::read(&answer(text)));
    let daemons: Vec<_> =
        status.daemons.iter().map(|daemon| (daemon.program(), daemon.app(), daemon.state())).collect();
    assert_eq!(
        daemons,
        [
            ("make_work", "a (b)", DaemonState::Running),
            ("validator", "x", DaemonState::NotRunning),
            ("Scheduler", "", DaemonState::Disabled),
            ("feeder", "", DaemonState::Unknown),
        ]
    );
    assert_eq!((status.update_time, status.transitioner_backlog_seconds()), (Some(1.4e9), Some(0.0)));
    assert_eq!((status.counts.results_ready_to_send, status.counts.results_in_progress), (Some(12.0), Some(3.0)));
    assert_eq!((status.counts.workunits_waiting_for_validation, status.current_floating_point_speed), (None, None));
    let apps: Vec<_> = status
        .apps
        .iter()
        .map(|app| {
            let counts = &app.counts;
            let counts =
                (counts.results_ready_to_send, counts.results_in_progress, counts.workunits_waiting_for_validation);
            (&*app.name, counts, app.users, app.runtimes())
        })
        .collect();
    let runtimes = Runtimes { average: Some(5400.0), shortest: Some(36.0), longest: 7200.0 };
    assert_eq!(
        apps,
        [
            ("x", (Some(5.0), Some(4.0), Some(2.0)), Some(0.0), None),
            ("z", (Some(1.0), None, None), Some(6.0), Some(runtimes)),
            ("y", (Some(7.0), None, None), None, None),
        ]
    );
}

#[test]
fn a_status_page_on_one_line() {
    let body = recording("status", "2016_asteroids").body;
    let text = String::from_utf8(body).expect("it is UTF-8");
    let expected = read("status", &answer(&text), Names::Keep).expect("it is a page");
    for other in
        [text.replace('\n', ""), text.replace('\n', "\r\n"), text.replace('\n', "\n\n"), text.replace("  ", "\t")]
    {
        assert_eq!(read("status", &answer(&other), Names::Keep).as_ref(), Ok(&expected));
    }
}

#[test]
fn any_page_on_one_line_or_with_other_spaces() {
    for page in ["user", "team", "members", "results", "batches", "batch", "config", "statistics", "scheduler"] {
        for recording in recordings(page) {
            let Ok(expected) = read(page, &recording.answer(), Names::Keep) else { continue };
            let text = String::from_utf8(recording.body).expect("it is UTF-8");
            let indented: String = text.lines().map(|line| format!("\n\n\t {} ", line.trim())).collect();
            for other in [text.replace('\n', ""), text.replace('\n', "\r\n"), indented] {
                assert_eq!(
                    read(page, &answer(&other), Names::Keep).as_ref(),
                    Ok(&expected),
                    "{page}/{}: {other}",
                    recording.name
                );
            }
        }
    }
}

#[test]
fn what_schedulers_say() {
    let (down, up) = ("<project_is_down/>", "<scheduler_version>803</scheduler_version>");
    for (body, state, database, classes) in [
        (
            format!("{up}<message priority=\"low\">Error in request message: xp.get_tag() failed </message>"),
            SchedulerState::Up,
            None,
            vec![Class::RequestFailed],
        ),
        (
            format!("{up}<message>Invalid or missing account key.  To fix, remove and add this project .</message>"),
            SchedulerState::Up,
            Some(true),
            vec![Class::Reattach],
        ),
        (
            format!("<message priority=\"low\">Project is temporarily shut down for maintenance</message>{down}"),
            SchedulerState::Maintenance,
            None,
            vec![Class::Maintenance],
        ),
        (
            format!("<message>Server error: feeder not running</message>{down}"),
            SchedulerState::Feeder,
            None,
            vec![Class::ServerDown],
        ),
        (
            format!("<message>Server error: can't attach shared memory</message>{down}"),
            SchedulerState::Feeder,
            None,
            vec![Class::ServerDown],
        ),
        (
            format!("<message>Server error: recompile needed</message>{down}"),
            SchedulerState::Feeder,
            None,
            vec![Class::ServerDown],
        ),
        (
            format!("<message>Server can't parse configuration file</message>{down}"),
            SchedulerState::Configuration,
            None,
            vec![Class::ServerDown],
        ),
        (
            format!("<message>Server can't find key file</message>{down}"),
            SchedulerState::Configuration,
            None,
            vec![Class::ServerDown],
        ),
        (
            format!("<message>Server can't open log file (../log_x/scheduler.log)</message>{down}"),
            SchedulerState::Configuration,
            None,
            vec![Class::ServerDown],
        ),
        (
            format!("{up}<message>Server can't open database</message>{down}"),
            SchedulerState::Database,
            Some(false),
            vec![Class::ServerDown],
        ),
        (format!("{up}{down}"), SchedulerState::Down, None, vec![]),
        (format!("{up}<ended>1</ended>"), SchedulerState::Ended, None, vec![]),
        (format!("{up}<ended>0</ended><project_is_down>0</project_is_down>"), SchedulerState::Up, None, vec![]),
        (
            format!(
                "{up}<message>Your BOINC client software is too old. Please install the current version.\n</message>"
            ),
            SchedulerState::Up,
            None,
            vec![Class::ClientTooOld],
        ),
        (
            format!(
                "{up}<message>Missing CPU type in request Missing OS name in request _(\"This project doesn't support computers of type\") </message>"
            ),
            SchedulerState::Up,
            None,
            vec![Class::Platform],
        ),
        (
            format!("{up}<message>_(\"This project doesn't support computers of type\") vax</message>"),
            SchedulerState::Up,
            None,
            vec![Class::Platform],
        ),
        (
            format!("{up}<message>Feed the cat</message><message>Feed the cat</message>"),
            SchedulerState::Up,
            None,
            vec![Class::Other],
        ),
        (
            format!("{up}<message>Missing CPU type in request</message><message></message>"),
            SchedulerState::Up,
            None,
            vec![],
        ),
        ("<project_name>P</project_name>".to_owned(), SchedulerState::Unknown, None, vec![]),
    ] {
        for wrapped in [
            format!("<scheduler_reply>\n{body}\n</scheduler_reply>\n"),
            format!("junk\n<scheduler_reply>{body}</scheduler_reply>"),
        ] {
            let reply = clean(scheduler::read(&answer(&wrapped)));
            assert_eq!((reply.state(), reply.database(), &reply.said.classes), (state, database, &classes), "{body}");
            assert!(!reply.has_account(), "{body}");
        }
    }
}

#[test]
fn a_reply_to_an_account_is_told() {
    let with_account: Vec<_> = recordings("scheduler")
        .into_iter()
        .filter(|recording| clean(scheduler::read(&recording.answer())).has_account())
        .map(|recording| recording.name)
        .collect();
    let expected: Vec<_> = recordings("scheduler")
        .into_iter()
        .filter(|recording| String::from_utf8_lossy(&recording.body).contains("<user_name>"))
        .map(|recording| recording.name)
        .collect();
    assert_eq!(with_account, expected);
}

#[test]
fn schedulers_in_both_notations() {
    for (page, expected) in [
        (
            "<!-- <scheduler>http://x/cgi</scheduler> -->\n<link rel=\"boinc_scheduler\" href=\"http://x/cgi\">",
            vec!["http://x/cgi"],
        ),
        (
            "<scheduler> https://x/cgi </scheduler><scheduler>https://y/cgi</scheduler>",
            vec!["https://x/cgi", "https://y/cgi"],
        ),
        ("<LINK href='https://x/cgi?a=1&amp;b=2' REL=boinc_scheduler />", vec!["https://x/cgi?a=1&b=2"]),
        ("<link rel=\"boinc_scheduler\" href=https://x/cgi>", vec!["https://x/cgi"]),
        ("<a>boinc_scheduler</a><link rel=\"boinc_scheduler\" href = \"https://x/cgi\" >", vec!["https://x/cgi"]),
    ] {
        let urls = clean(master::read(&answer(&format!("<html><head>{page}</head>"))));
        assert_eq!(urls.iter().map(|url| &**url).collect::<Vec<_>>(), expected, "{page}");
    }
    for page in [
        "<html>boinc",
        "<html>boinc <link rel=boinc_scheduler>",
        "<html>boinc <scheduler></scheduler>",
        "<html>boinc<scheduler>x",
    ] {
        assert_eq!(master::read(&answer(page)).map_err(|fault| fault.reason), Err(Reason::NoScheduler), "{page}");
    }
    let moved = Answer { status: 302, location: "https://x.org/en/", body: b"<scheduler>https://x/cgi</scheduler>" };
    assert_eq!(master::read(&moved).map_err(|fault| fault.reason), Err(Reason::Redirect));
}

#[test]
fn teams_by_id() {
    let page = recording("team", "2026_name_all");
    let teams = clean(team::read(&page.answer()));
    assert_eq!(teams.with_id(3).map(|team| &*team.name), Some("Bob team"));
    assert!(teams.with_id(2).is_none());
    let old = clean(team::read(&answer("<team><id>5</id><name>A &amp; B</name><country>X</country></team>")));
    assert_eq!(old.with_id(5).map(|team| &*team.name), Some("A & B"));
}

#[test]
fn members_are_counted() {
    let text = "<users><user><id>1</id><email_addr>a@b.c</email_addr><total_credit>5</total_credit><expavg_credit>1.5</expavg_credit></user>\
        <user><id>2</id><total_credit>0</total_credit><expavg_credit>0.5</expavg_credit></user></users>";
    let counted = clean(members::read(&answer(text)));
    assert_eq!((counted.members, counted.with_credit, counted.with_recent_credit), (2, 1, Some(1)));
    let short = clean(members::read(&recording("members", "2026_credit_only").answer()));
    assert_eq!((short.members, short.with_credit, short.with_recent_credit), (2, 2, None));
}

#[test]
fn what_became_of_tasks() {
    for (server_state, outcome, validate_state, expected) in [
        (1, 0, 0, Validation::Unfinished),
        (2, 0, 0, Validation::Unfinished),
        (4, 0, 0, Validation::Unfinished),
        (5, 1, 0, Validation::Pending),
        (5, 1, 1, Validation::Valid),
        (5, 1, 2, Validation::Invalid),
        (5, 1, 3, Validation::Valid),
        (5, 1, 4, Validation::Inconclusive),
        (5, 1, 5, Validation::TooLate),
        (5, 1, 6, Validation::Unknown),
        (5, 2, 0, Validation::Failed),
        (5, 3, 2, Validation::Failed),
        (5, 4, 0, Validation::Failed),
        (5, 5, 0, Validation::Failed),
        (5, 6, 2, Validation::Invalid),
        (5, 7, 0, Validation::Failed),
        (5, 0, 0, Validation::Unknown),
        (3, 0, 0, Validation::Unknown),
    ] {
        let text = format!(
            "<results><result><server_state>{server_state}</server_state><outcome>{outcome}</outcome>\
             <validate_state>{validate_state}</validate_state><app_version_num>-3</app_version_num></result></results>"
        );
        let task = &clean(results::read(&answer(&text))).results[0];
        assert_eq!((task.validation(), task.device()), (expected, Some(Device::Nvidia)), "{text}");
    }
}

#[test]
fn tasks_that_are_gone() {
    let text = "<results>\n<error>name a & b_0 unknown</error>\n<error>ID 5 unknown</error>\n<error>name x<1>_0 unknown</error>\n</results>";
    let results = clean(results::read(&answer(text)));
    assert_eq!(results.gone, [Text::new("a & b_0"), Text::new("5"), Text::new("x<1>_0")]);
    assert!(results.results.is_empty());
}

#[test]
fn totals_of_all_generations() {
    for (text, users, total) in [
        ("<tables><update_time>5</update_time><nusers_total>7</nusers_total></tables>", Some(7.0), None),
        ("<tables><nusers>7</nusers><total_credit>3.5</total_credit></tables>", Some(7.0), Some(3.5)),
        (
            "<tables><applications><application><name>a</name><results_over>5</results_over></application></applications></tables>",
            None,
            None,
        ),
    ] {
        let tables = clean(statistics::read(&answer(text)));
        assert_eq!((tables.users(), tables.total_credit), (users, total), "{text}");
    }
}

#[test]
fn batches_of_all_generations_and_states() {
    let row = |id: i64, state: i64| {
        format!(
            "<batch>\n<id>{id}</id>\n<state>{state}</state>\n<njobs>10</njobs>\n<fraction_done>0.7</fraction_done>\n<nerror_jobs>2</nerror_jobs>\n</batch>\n"
        )
    };
    let rows: String = (0..=5).map(|state| row(state + 10, state)).collect();
    for text in [
        format!("<query_batches>\n{rows}</query_batches>"),
        format!("<query_batches>\n<batches>\n{rows}</batches>\n</query_batches>"),
        format!("<batches>\n{rows}</batches>"),
        format!("<batches>{}</batches>", rows.replace('\n', "")),
    ] {
        let batches = clean(batches::read(&answer(&text), Names::Drop)).batches;
        let states: Vec<_> = batches.iter().map(|batch| (batch.id.unwrap_or_default(), batch.batch_state())).collect();
        assert_eq!(
            states,
            [
                (11, BatchState::InProgress),
                (10, BatchState::Init),
                (15, BatchState::Unknown),
                (14, BatchState::Retired),
                (13, BatchState::Aborted),
                (12, BatchState::Complete),
            ]
        );
        assert_eq!(batches[0].jobs(), Some(Jobs { succeeded: 5.0, failed: 2.0, unfinished: 3.0 }));
    }
}

#[test]
fn numbers_of_batches_that_mean_something_else() {
    let text = "<query_batches><batch><njobs>0</njobs><fraction_done>1</fraction_done><nerror_jobs>2</nerror_jobs><expire_time>5400.5</expire_time>\
        <completion_time>0</completion_time></batch><batch><njobs>3</njobs><fraction_done>0.66666666666667</fraction_done>\
        <nerror_jobs>9</nerror_jobs><expire_time>1795408870</expire_time></batch></query_batches>";
    let batches = clean(batches::read(&answer(text), Names::Drop)).batches;
    let first = batches.iter().find(|batch| batch.njobs == Some(0.0)).expect("it is there");
    assert_eq!(
        (first.jobs(), first.expires(), first.median_turnaround(), first.completed()),
        (None, None, Some(5400.5), None)
    );
    let second = batches.iter().find(|batch| batch.njobs == Some(3.0)).expect("it is there");
    assert_eq!((second.expires(), second.median_turnaround()), (Some(1_795_408_870.0), None));
    assert_eq!(second.jobs(), Some(Jobs { succeeded: 0.0, failed: 2.0, unfinished: 1.0 }));
}

#[test]
fn of_too_many_batches_the_unfinished_and_the_newest_are_kept() {
    let rows: String = (0..3 * batches::MAX_BATCHES)
        .map(|id| format!("<batch><id>{id}</id><state>{}</state></batch>", if id == 5 { 1 } else { 2 }))
        .collect();
    let page =
        batches::read(&answer(&format!("<query_batches>{rows}</query_batches>")), Names::Drop).expect("it is a page");
    let kept = page.content.batches;
    assert_eq!((kept.len(), kept[0].id, kept[1].id), (batches::MAX_BATCHES, Some(5), Some(5_999)));
    assert_eq!(page.oddities.left_out, 4_000);
}

#[test]
fn one_batch_of_all_generations() {
    let job =
        |status: &str| format!("<job><id>1</id><name>n</name><error>cancelled</error><status>{status}</status></job>");
    let jobs: String = ["queued", "in_progress", "done", "done", "error", "odd"].map(job).concat();
    for text in [
        format!("<query_batch><id>8</id><state>1</state><name>n</name>{jobs}</query_batch>"),
        format!("<query_batch><batch><id>8</id><state>1</state>{jobs}</batch></query_batch>"),
        format!("<batch><id>8</id><state>1</state>{jobs}</batch>"),
    ] {
        let details = clean(batch::read(&answer(&text), Names::Drop));
        assert_eq!(
            (details.batch.id, details.batch.batch_state(), &*details.batch.name),
            (Some(8), BatchState::InProgress, "")
        );
        let counts = [details.queued, details.in_progress, details.done, details.error, details.unknown];
        assert_eq!(counts, [1, 1, 2, 1, 1], "{text}");
    }
    let old = "<batch_status> <fraction_done>0.5</fraction_done> <jobs_completed>3</jobs_completed> <remaining_time>77</remaining_time> </batch_status>";
    let details = clean(batch::read(&answer(old), Names::Drop));
    assert_eq!(
        (details.batch.fraction_done, details.jobs_completed, details.remaining_time),
        (Some(0.5), Some(3.0), Some(77.0))
    );
}

#[test]
fn pings_of_all_generations() {
    for (text, success) in [
        ("<ping>\n<success>1</success>\n        </ping>\n    ", true),
        ("<ping><success/></ping>", true),
        ("<success>1</success>", true),
        ("<success/>", true),
        ("<ping></ping>", false),
    ] {
        assert_eq!(clean(ping::read(&answer(text))).success, success, "{text}");
    }
}

#[test]
fn messages_as_elements_are_no_errors() {
    let notice = "<error>\n    <error_msg><![CDATA[Undefined <x>]]></error_msg>\n    <type>Notice</type>\n    <file>/srv/x.php</file>\n    <line>3</line>\n</error>\n";
    let text = format!(
        "{notice}<user>\n<id>1</id>\n{notice}<host>\n{notice}<id>2</id>\n</host>\n<error><type>Warning</type></error></user>"
    );
    let page = user::read(&answer(&text), Names::Drop).expect("it is a page");
    assert_eq!((page.content.id, page.content.hosts[0].id), (Some(1), Some(2)));
    assert_eq!(page.oddities, Oddities { notices: 4, ..Oddities::default() });
}

#[test]
fn rows_have_an_end() {
    let daemons = "<daemon><command>x</command></daemon>".repeat(status::MAX_DAEMONS + 5);
    let page = status::read(&answer(&format!("<server_status>{daemons}</server_status>"))).expect("it is a page");
    assert_eq!((page.content.daemons.len(), page.oddities.left_out), (status::MAX_DAEMONS, 5));
    let long = format!("<server_status><software_version>{}ë</software_version></server_status>", "x".repeat(999));
    assert_eq!(clean(status::read(&answer(&long))).software_version.len(), 999);
    let apps: String = (0..status::MAX_APPS + 5)
        .map(|app| format!("<results_in_progress app=\"{app}\">1</results_in_progress>"))
        .collect();
    let page = status::read(&answer(&format!("<server_status>{apps}</server_status>"))).expect("it is a page");
    assert_eq!((page.content.apps.len(), page.oddities.left_out), (status::MAX_APPS, 5));
}
