//! Shapes of pages about a project and its server that were told of and not recorded.

use super::super::scheduler::{Class, SchedulerState};
use super::super::status::{DaemonState, Runtimes};
use super::super::user::Names;
use super::super::{Answer, config, master, scheduler, statistics, status};
use super::recording::{answer, clean, read, recording, recordings};
use crate::project::reason::Reason;

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
fn status_of_all_ages() {
    let text = "<html><body>\n<server_status>\n<update_time>1400000000</update_time>\n<software_version>26000</software_version>\n<daemon_status>\n\
        <daemon><host>h</host><command>\n        make_work (a (b))</command><status>running</status></daemon>\n\
        <daemon><host>h</host><command>validator (x)</command><status>Not Running</status></daemon>\n\
        <daemon><host>h</host><command>Scheduler</command><status>disabled</status></daemon>\n\
        <daemon><host>h</host><command>feeder</command><status>resting</status></daemon>\n</daemon_status>\n<database_file_states>\n\
        <results_ready_to_send app=\"x\" appid=\"7\">5</results_ready_to_send>\n<results_ready_to_send app=\"total\">12</results_ready_to_send>\n\
        <results_ready_to_send appid=8 app = y>7</results_ready_to_send>\n<users_with_credit app=\"x\">1</users_with_credit>\n<users_with_credit app='total' >9</users_with_credit>\n<results_in_progress>3</results_in_progress>\n\
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
    assert_eq!(status.users_with_credit, Some(9.0));
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
#[expect(clippy::too_many_lines, reason = "a table")]
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
        "<html>Powered by BOINC",
        "<html>Powered by BOINC <link rel=boinc_scheduler>",
        "<html>Powered by BOINC <scheduler></scheduler>",
        "<html>Powered by BOINC<scheduler>x",
    ] {
        assert_eq!(master::read(&answer(page)).map_err(|fault| fault.reason), Err(Reason::NoScheduler), "{page}");
    }
    let moved = Answer { status: 302, location: "https://x.org/en/", body: b"<scheduler>https://x/cgi</scheduler>" };
    assert_eq!(master::read(&moved).map_err(|fault| fault.reason), Err(Reason::Redirect));
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
