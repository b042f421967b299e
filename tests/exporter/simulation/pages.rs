//! What simulated projects' servers write has the form of what real ones wrote, element by element and both ways: the recordings
//! are the judge. What no recording has was told of, and stands here with where.

mod faults;
mod form;
mod live;
mod truth;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, UNIX_EPOCH};

use boinc_exporter::clock::Clock;
use boinc_exporter::project::pages::user::Names;
use boinc_exporter::project::pages::{
    Answer, Fault, Oddities, Page, batches, config, master, members, ping, results, scheduler, statistics, status,
    team, user,
};
use boinc_exporter::simulation::pages::{Request, Response, answer};
use boinc_exporter::simulation::scenario::Scenario;
use boinc_exporter::simulation::world::World;

use form::{Form, Shape, recorded};

/// The pages whose recordings are compared. One batch alone is never asked for.
const PAGES: [&str; 10] =
    ["batches", "config", "members", "ping", "results", "scheduler", "statistics", "status", "team", "user"];

/// The request that a modern client sends before it has an account.
const NUCLEUS: &str = "<scheduler_request>\n<platform_name>x86_64-pc-linux-gnu</platform_name>\n\
                       <core_client_major_version>8</core_client_major_version>\n<core_client_minor_version>2</core_client_minor_version>\n\
                       <host_info>\n<p_vendor>x</p_vendor>\n<os_name>x</os_name>\n</host_info>\n</scheduler_request>\n";

/// What no recording has, by the end of its path or with all that is below it.
const TOLD: [(&str, &str); 6] = [
    (
        "config/project_config/min_client_version",
        "a reply of Einstein@Home of 2018, of which only the beginning is known",
    ),
    ("scheduler/scheduler_reply/ended", "servers of projects that have ended, in their code"),
    ("status/server_status/software_version", "servers from 2010 to 2014, in their code"),
    ("config/project_config/terms_of_use", "a fragment of a server of 2021, and the code since 2008"),
    ("batches/batches", "servers until 2016, in their code"),
    ("ping/success", "servers until 2016, in their code"),
];

/// What no simulated server writes, and what is below it.
const NEVER: [(&str, &str); 40] = [
    ("config/project_config/account_manager", "no simulated server is an account manager"),
    ("config/project_config/client_account_creation_disabled", "no simulated server is an account manager"),
    ("config/project_config/uses_username", "no simulated server is an account manager"),
    ("scheduler/scheduler_reply/userid", "comes with an account, and nobody who asks over HTTP has one"),
    ("scheduler/scheduler_reply/user_name", "comes with an account, and nobody who asks over HTTP has one"),
    ("scheduler/scheduler_reply/user_total_credit", "comes with an account, and nobody who asks over HTTP has one"),
    ("scheduler/scheduler_reply/user_expavg_credit", "comes with an account, and nobody who asks over HTTP has one"),
    ("scheduler/scheduler_reply/user_create_time", "comes with an account, and nobody who asks over HTTP has one"),
    ("scheduler/scheduler_reply/email_hash", "comes with an account, and nobody who asks over HTTP has one"),
    ("scheduler/scheduler_reply/cross_project_id", "comes with an account, and nobody who asks over HTTP has one"),
    ("scheduler/scheduler_reply/external_cpid", "comes with an account, and nobody who asks over HTTP has one"),
    ("scheduler/scheduler_reply/hostid", "comes with an account, and nobody who asks over HTTP has one"),
    ("scheduler/scheduler_reply/host_total_credit", "comes with an account, and nobody who asks over HTTP has one"),
    ("scheduler/scheduler_reply/host_expavg_credit", "comes with an account, and nobody who asks over HTTP has one"),
    ("scheduler/scheduler_reply/host_venue", "comes with an account, and nobody who asks over HTTP has one"),
    ("scheduler/scheduler_reply/host_create_time", "comes with an account, and nobody who asks over HTTP has one"),
    ("scheduler/scheduler_reply/teamid", "comes with an account, and nobody who asks over HTTP has one"),
    ("scheduler/scheduler_reply/team_name", "comes with an account, and nobody who asks over HTTP has one"),
    ("scheduler/scheduler_reply/project_preferences", "comes with an account, and nobody who asks over HTTP has one"),
    ("scheduler/scheduler_reply/project_files", "comes with an account, and nobody who asks over HTTP has one"),
    ("scheduler/scheduler_reply/gui_urls", "comes with an account, and nobody who asks over HTTP has one"),
    ("scheduler/scheduler_reply/rss_feeds", "comes with an account, and nobody who asks over HTTP has one"),
    ("scheduler/scheduler_reply/code_sign_key", "comes with an account, and nobody who asks over HTTP has one"),
    ("scheduler/scheduler_reply/next_rpc_delay", "comes with an account, and nobody who asks over HTTP has one"),
    ("scheduler/scheduler_reply/send_time_stats_log", "comes with an account, and nobody who asks over HTTP has one"),
    ("scheduler/scheduler_reply/app", "work for a computer: clients get theirs without HTTP"),
    ("scheduler/scheduler_reply/app_version", "work for a computer: clients get theirs without HTTP"),
    ("scheduler/scheduler_reply/workunit", "work for a computer: clients get theirs without HTTP"),
    ("scheduler/scheduler_reply/result", "work for a computer: clients get theirs without HTTP"),
    ("scheduler/scheduler_reply/file_info", "work for a computer: clients get theirs without HTTP"),
    ("scheduler/scheduler_reply/result_ack", "work for a computer: clients get theirs without HTTP"),
    ("scheduler/scheduler_reply/no_rsc_apps", "work for a computer: clients get theirs without HTTP"),
    ("scheduler/scheduler_reply/no_cpu_apps", "work for a computer: clients get theirs without HTTP"),
    ("scheduler/scheduler_reply/no_cuda_apps", "work for a computer: clients get theirs without HTTP"),
    ("scheduler/scheduler_reply/no_ati_apps", "work for a computer: clients get theirs without HTTP"),
    ("status/b", "a message of PHP, which is no element of the page"),
    ("status/br", "a message of PHP, which is no element of the page"),
    ("status/job_counts", "counts that only an operator may ask for: they cost the database much"),
    ("status/error", "stands in those counts"),
    ("team/teams", "nobody looks for a team by its name"),
];

/// What stood elsewhere until the end of 2018.
const MOVED: [&str; 2] = ["country", "url"];

/// A world with servers of all generations, after some hours.
fn world(scenario: &str, hours: u64) -> (Arc<World>, Clock) {
    let clock = Clock::stepped(UNIX_EPOCH + Duration::from_secs(1_795_322_417));
    let mut scenario = Scenario::named(scenario).expect("it comes with the exporter");
    scenario.warm_up = Duration::from_secs(43_200);
    // Each project has one of them, and they do not take long.
    scenario.hosts.retain(|host| ["attic", "garage", "htpc", "kids", "desk"].contains(&host.name.as_str()));
    scenario.faults.retain(|fault| {
        fault.client.as_ref().is_none_or(|client| scenario.hosts.iter().any(|host| host.name == *client))
    });
    let world = Arc::new(World::new(&scenario, clock.clone()));
    clock.step(Duration::from_secs(3600 * hours));
    world.advance();
    (world, clock)
}

/// Asks the server of a project.
fn ask(world: &World, project: usize, request: &Request) -> Response {
    world.look_at_project(project, |side, now| answer(side, now, request))
}

/// The requests for a page of a project.
fn requests(world: &World, project: usize, page: &str) -> Vec<Request> {
    let server = &world.project_servers()[project];
    let (id, team, key) = (server.userid, server.teamid, server.authenticator());
    let get = |targets: &[String]| targets.iter().map(|target| Request::get(target)).collect::<Vec<_>>();
    let form = |text: &str| Request::post("/submit_rpc_handler.php", &format!("request={}", encoded(text)));
    match page {
        "batches" => {
            let query = |more: &str| {
                form(&format!("<query_batches><authenticator>{key}</authenticator>{more}</query_batches>"))
            };
            let other = "<query_batches><authenticator>0</authenticator></query_batches>";
            vec![query(""), query("<get_cpu_time>1</get_cpu_time>"), form(other), form("<x/>")]
        }
        "config" => get(&["/get_project_config.php".to_owned()]),
        "members" => get(&[
            format!("/team_email_list.php?teamid={team}&xml=1"),
            format!("/team_email_list.php?teamid={team}&xml=1&creditonly=1"),
            "/team_email_list.php?teamid=9999999&xml=1".to_owned(),
        ]),
        "ping" => vec![form("<ping> </ping>"), form("<ping/>")],
        "results" => {
            let names: Vec<_> = world.look_at_project(project, |side, _| {
                let names = side.results.keys();
                names.take(200).cloned().chain(["gone_0".to_owned()]).collect()
            });
            get(&[format!("/result_status.php?names={}", names.join(","))])
        }
        "scheduler" => vec![Request::get("/cgi-bin/cgi"), Request::post("/cgi-bin/cgi", NUCLEUS)],
        "statistics" => get(&["/stats/tables.xml".to_owned()]),
        "status" => get(&["/server_status.php?xml=1".to_owned()]),
        "team" => get(&[
            format!("/team_lookup.php?team_id={team}&format=xml"),
            "/team_lookup.php?team_id=9999999&format=xml".to_owned(),
        ]),
        "user" => get(&[
            format!("/show_user.php?userid={id}&format=xml"),
            format!("/show_user.php?auth={key}&format=xml"),
            "/show_user.php?userid=9999999&format=xml".to_owned(),
        ]),
        "master" => get(&["/".to_owned()]),
        page => panic!("no such page: {page}"),
    }
}

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut all, byte| {
        let _ = write!(all, "%{byte:02X}");
        all
    })
}

/// What is odd about a page, and all that was read.
fn read(page: &str, response: &Response) -> Result<(Oddities, String), Fault> {
    fn show<T: std::fmt::Debug>(page: &Page<T>) -> (Oddities, String) {
        (page.oddities, format!("{:?}", page.content))
    }
    let answer = Answer { status: response.status, location: &response.location, body: &response.body };
    match page {
        "batches" => batches::read(&answer, Names::Keep).map(|page| show(&page)),
        "config" => config::read(&answer).map(|page| show(&page)),
        "master" => master::read(&answer).map(|page| show(&page)),
        "members" => members::read(&answer).map(|page| show(&page)),
        "ping" => ping::read(&answer).map(|page| show(&page)),
        "results" => results::read(&answer).map(|page| show(&page)),
        "scheduler" => scheduler::read(&answer).map(|page| show(&page)),
        "statistics" => statistics::read(&answer).map(|page| show(&page)),
        "status" => status::read(&answer).map(|page| show(&page)),
        "team" => team::read(&answer).map(|page| show(&page)),
        "user" => user::read(&answer, Names::Keep).map(|page| show(&page)),
        page => panic!("no such page: {page}"),
    }
}

/// All that simulated servers write: healthy ones of all generations, and those of the scenario of faults.
static WRITTEN: LazyLock<Vec<(&'static str, Form)>> = LazyLock::new(|| {
    let worlds = [world("home", 2).0, world("servers", 20).0];
    let of_page = |page: &'static str| {
        let mut form = Form::default();
        for world in &worlds {
            for project in 0..world.project_servers().len() {
                // PHP's messages are no elements of the page, and half a page has no form.
                let spoiled = ["Php notices", "Truncated"].contains(&&*world.project_servers()[project].name);
                let requests = requests(world, project, page);
                let responses = requests.iter().map(|request| ask(world, project, request)).filter(|_| !spoiled);
                responses.for_each(|response| form.add(page, &response.body));
            }
        }
        (page, form)
    };
    PAGES.into_iter().map(of_page).collect()
});

#[test]
fn they_write_what_real_servers_write() {
    let mut wrong = BTreeSet::new();
    for (page, form) in WRITTEN.iter() {
        let real = recorded(page);
        for (path, shapes) in form.shapes.iter().filter(|(path, _)| !TOLD.iter().any(|(told, _)| is_below(path, told)))
        {
            let Some(known) = real.shapes.get(path) else {
                wrong.insert(format!("{path}: no real server writes it"));
                continue;
            };
            // Texts may look like anything, and a double is printed like a whole number if it is one.
            let fits =
                |shape: &&Shape| known.contains(shape) || known.contains(&Shape::Text) || shape.is_number_among(known);
            wrong.extend(
                shapes.iter().filter(|shape| !fits(shape)).map(|shape| format!("{path}: {shape:?}, not {known:?}")),
            );
        }
        for order @ [parent, one, other] in &form.orders {
            let reverse = [parent.clone(), other.clone(), one.clone()];
            let moved = parent == "user/user" && [one, other].iter().any(|tag| MOVED.contains(&tag.as_str()));
            if real.orders.contains(&reverse) && !real.orders.contains(order) && !moved {
                wrong.insert(format!("{parent}: {one} before {other}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_real_servers_write_they_write() {
    let mut missing = BTreeSet::new();
    let mut excused = BTreeSet::new();
    for (page, form) in WRITTEN.iter() {
        for path in recorded(page).shapes.into_keys() {
            let excuse = NEVER.iter().find(|(end, _)| is_below(&path, end));
            match (form.shapes.contains_key(&path), excuse) {
                (true, Some((end, _))) => panic!("{end}: a simulated server writes {path}"),
                (false, Some((end, _))) => drop(excused.insert(*end)),
                (false, None) => drop(missing.insert(path)),
                (true, None) => {}
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    let idle: Vec<_> = NEVER.iter().filter(|(end, _)| !excused.contains(end)).collect();
    assert!(idle.is_empty(), "no real server writes it either: {idle:?}");
    let untold: Vec<_> = TOLD.iter().filter(|(told, _)| !WRITTEN.iter().any(|(_, form)| form.has(told))).collect();
    assert!(untold.is_empty(), "nobody writes it: {untold:?}");
}

/// Whether the path begins so, with whole names.
fn is_below(path: &str, begin: &str) -> bool {
    path.strip_prefix(begin).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[test]
fn the_exporter_reads_all_that_they_write() {
    let (world, _) = world("home", 3);
    for (project, server) in world.project_servers().iter().enumerate() {
        for page in PAGES.into_iter().chain(["master"]) {
            for request in requests(&world, project, page) {
                let response = ask(&world, project, &request);
                let place = format!("{} {page} {request:?}", server.name);
                match read(page, &response) {
                    Ok((oddities, _)) => {
                        assert_eq!(
                            oddities,
                            Oddities::default(),
                            "{place}: {}",
                            String::from_utf8_lossy(&response.body)
                        );
                    }
                    Err(fault) => {
                        // What the project does not offer, and what is asked for on purpose.
                        let old = matches!(page, "results" | "batches" | "ping") && response.status == 404;
                        let asked = fault.error_num.is_some_and(|number| number == -136 || number == -1);
                        assert!(old || asked, "{place}: {fault}");
                    }
                }
            }
        }
    }
}
