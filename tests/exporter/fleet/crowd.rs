//! Three hundred clients of which fifty are ill, and three Prometheus servers that ask at the same time.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::pin::pin;
use std::time::Duration;

use tokio::net::TcpSocket;

use crate::support::{
    COLLECTORS, Exporter, FOLDER, FakeClient, Fault, Gate, Page, Samples, Scene, TIMEOUT, assert_down, client_toml,
    client_toml_within, replies, reply_folders, want_many_descriptors,
};

/// The most time for a client that hangs.
const HANGS: Duration = Duration::from_secs(2);

/// A scrape of them all may take so many times what one of the healthy alone takes, beside the time for those that hang. The
/// others that are ill send a good deal, too.
const FACTOR: u32 = 4;

const HEALTHY: usize = 250;

/// How many there are of each illness.
const ILL: usize = 10;

/// An illness: its name, what is said of a client that has it, and the collector that fails if not all do.
struct Illness(&'static str, &'static [&'static str], Option<&'static str>);

const ILLNESSES: [Illness; 5] = [
    Illness("hangs", &["timeout"], None),
    Illness("refuses", &["refused"], None),
    Illness("cuts", &["truncated"], Some("state")),
    Illness("floods", &["too_large"], Some("state")),
    Illness("denies", &["wrong_password"], None),
];

/// Folders of recorded replies in which every collector finds an answer.
fn complete_folders() -> Vec<String> {
    let has = |folder: &str, operation: &str| {
        let common = format!("{}_common", folder.split('_').next().unwrap_or_default());
        [folder, &common].iter().any(|folder| replies(folder).join(operation).with_extension("xml").exists())
    };
    let operations = || COLLECTORS.iter().map(|(_, operation)| *operation).chain(["get_message_count"]);
    let complete =
        |folder: &String| !folder.ends_with("_common") && operations().all(|operation| has(folder, operation));
    reply_folders().into_iter().filter(complete).collect()
}

/// All of them, in one configuration, and what the addresses that refuse are kept by.
async fn crowd() -> (Scene, Vec<TcpSocket>) {
    let folders = complete_folders();
    assert!(folders.len() > 20, "only these recordings are complete: {folders:?}");
    let mut clients = Vec::new();
    // The scene adds one.
    for (number, folder) in (1..HEALTHY).zip(folders.iter().cycle()) {
        clients.push((format!("healthy_{number}"), FakeClient::playing(folder)));
    }
    for number in 0..ILL {
        let client = || FakeClient::playing(FOLDER);
        clients.push((format!("cuts_{number}"), client().fault("get_state", Fault::Cut(5000))));
        clients.push((format!("floods_{number}"), client().fault("get_state", Fault::Flood(200 << 20))));
    }
    let mut config = String::new();
    let (mut others, mut refusing) = (Vec::new(), Vec::new());
    for number in 0..ILL {
        // Bound, so that no client gets this port, and not listening.
        let closed = TcpSocket::new_v4().expect("a descriptor is free");
        closed.bind(([127, 0, 0, 1], 0).into()).expect("127.0.0.1 has a free port");
        let address = closed.local_addr().expect("a bound socket has an address").to_string();
        config += &client_toml(&format!("refuses_{number}"), &address);
        refusing.push(closed);
        let (name, client) = (format!("denies_{number}"), FakeClient::playing(FOLDER).start().await);
        config += &client_toml(&name, &client.address()).replace("\"password\"", "\"wrong\"");
        others.push((name, client));
        let (name, client) = (format!("hangs_{number}"), FakeClient::playing(FOLDER).fault_of_all(Fault::Silence));
        let client = client.start().await;
        config += &client_toml_within(HANGS, &name, &client.address());
        others.push((name, client));
    }
    let mut scene = Scene::new(&config, clients).await;
    scene.clients.extend(others);
    (scene, refusing)
}

/// How long another exporter takes for those that are healthy.
async fn time_for_the_healthy(scene: &Scene) -> Duration {
    let healthy = scene.clients.iter().filter(|(name, _)| name.starts_with("healthy"));
    let config: Vec<_> = healthy.map(|(name, client)| client_toml(name, &client.address())).collect();
    assert_eq!(config.len(), HEALTHY);
    let page = Exporter::start(&config.concat()).get("/metrics", &[]).await;
    assert_eq!(page.status, 200, "{}", page.body);
    page.took
}

/// Scrapes, and counts the exporter's descriptors meanwhile: the page, and the most there were.
async fn scrape_counting_descriptors(scene: &Scene) -> (Page, usize) {
    let descriptors = format!("/proc/{}/fd", scene.exporter.pid());
    let mut most = 0;
    let mut scrape = pin!(scene.exporter.get("/metrics", &[]));
    loop {
        most = most.max(fs::read_dir(&descriptors).map_or(0, Iterator::count));
        if let Ok(page) = tokio::time::timeout(Duration::from_millis(10), &mut scrape).await {
            return (page, most);
        }
    }
}

/// The samples of each client. To search all of them for each client would take a minute.
fn by_client(samples: &Samples) -> BTreeMap<String, Samples> {
    let mut clients = BTreeMap::<String, Samples>::new();
    for (sample, value) in &samples.0 {
        if let Some(client) = sample.label("client") {
            clients.entry(client.to_owned()).or_default().0.insert(sample.clone(), *value);
        }
    }
    clients
}

fn assert_healthy_and_ill(scene: &Scene, samples: &Samples) {
    let of = by_client(samples);
    for (name, _) in scene.clients.iter().filter(|(name, _)| name.starts_with("healthy")) {
        scene.assert_outcome(&of[name], name, None);
    }
    let up = samples.series("boinc_up", &[]).filter(|(_, up)| *up > 0.0).count();
    assert_eq!((up, samples.series("boinc_up", &[]).count()), (HEALTHY, HEALTHY + ILL * ILLNESSES.len()));
    for Illness(illness, reasons, failed) in ILLNESSES {
        for name in (0..ILL).map(|number| format!("{illness}_{number}")) {
            match failed {
                None => assert_down(&of[&name], &name, reasons),
                Some(collector) => scene.assert_outcome(&of[&name], &name, Some((collector, reasons))),
            }
            assert_eq!(of[&name].value("boinc_up", &[]), Some(0.0), "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_clients_that_are_ill_cost_two_hundred_and_fifty_others_nothing() {
    want_many_descriptors();
    let (scene, _refusing) = crowd().await;
    let healthy = time_for_the_healthy(&scene).await;
    for scrape in ["first", "second"] {
        let (page, descriptors) = scrape_counting_descriptors(&scene).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let samples = Samples::parse(&page.body);
        println!(
            "{scrape} scrape of {} clients: {:?}, of the healthy alone {healthy:?}; {} samples, {} bytes; the exporter used \
             {} MiB and {descriptors} descriptors at most",
            HEALTHY + ILL * ILLNESSES.len(),
            page.took,
            samples.0.len(),
            page.body.len(),
            scene.exporter.peak_memory() >> 20,
        );
        let in_time = page.took < HANGS + FACTOR * healthy;
        assert!(in_time, "{:?}, of the healthy alone {healthy:?}\n{}", page.took, scene.exporter.log());
        assert_healthy_and_ill(&scene, &samples);
    }
    scene.end().await;
}

/// Whatever they do, those that come first give up their places.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_hang_keep_no_others_waiting_after_a_start() {
    const ILL: usize = 40;
    const HEALTHY: usize = 10;
    want_many_descriptors();
    let time = Scene::time_for(ILL + HEALTHY).await;
    let config = format!("[scrape]\nconcurrency = 4\ntimeout = \"{}\"\n", time.as_secs_f64());
    let ill = (0..ILL).map(|number| {
        let client = FakeClient::playing(FOLDER);
        let client = match number % 3 {
            0 => client.fault_of_all(Fault::Silence),
            // Ten bytes in the whole time: something always comes.
            1 => client.fault_of_all(Fault::Drip(time / 10)),
            _ => client.fault("get_cc_status", Fault::Silence),
        };
        (format!("ill_{number}"), client)
    });
    let healthy = (1..HEALTHY).map(|number| (format!("healthy_{number}"), FakeClient::playing(FOLDER)));
    let scene = Scene::new(&config, ill.chain(healthy).collect()).await;
    let timeout = time.as_secs_f64().to_string();
    for _ in 0..2 {
        let page = scene.exporter.get("/metrics", &[(TIMEOUT, &timeout)]).await;
        let of = by_client(&Samples::parse(&page.body));
        for (name, _) in scene.clients.iter().filter(|(name, _)| name.starts_with("healthy")) {
            scene.assert_outcome(&of[name], name, None);
        }
        for number in (0..ILL).filter(|number| number % 3 < 2) {
            let name = format!("ill_{number}");
            assert_down(&of[&name], &name, &["timeout"]);
        }
    }
    scene.end().await;
}

/// Waits until the exporter answers as many scrapes as it may: until then it says of a wrong header that it is wrong.
async fn busy(scene: &Scene) {
    while scene.exporter.get("/metrics", &[(TIMEOUT, "soon")]).await.status != 503 {}
}

#[tokio::test]
async fn three_scrapers_at_a_time_share_one_poll_of_each_client() {
    let gate = Gate::new();
    let odd = FakeClient::playing(FOLDER).fault("get_state", Fault::Late(gate.clone()));
    let others = complete_folders().into_iter().map(|folder| (folder.clone(), FakeClient::playing(&folder)));
    let clients = [("odd".to_owned(), odd)].into_iter().chain(others).collect();
    let scene = Scene::new("max_requests = 3\n", clients).await;
    let scrape = async || loop {
        // The question whether all three are in takes a place too, for a moment.
        let page = scene.exporter.get("/metrics", &[]).await;
        if page.status != 503 {
            return Samples::parse(&page.body);
        }
    };
    let (first, second, third, ()) = tokio::join!(scrape(), scrape(), scrape(), async {
        gate.reached().await;
        busy(&scene).await;
        gate.open();
    });
    for (name, client) in &scene.clients {
        assert!(first.of_client(name).0.len() > 50, "{name}");
        assert_eq!(first.of_client(name), second.of_client(name), "{name}");
        assert_eq!(first.of_client(name), third.of_client(name), "{name}");
        scene.assert_outcome(&first, name, None);
        assert_eq!(client.connections(), 1, "{name}");
        let operations = client.operations();
        assert_eq!(operations.len(), operations.iter().collect::<BTreeSet<_>>().len(), "{name}: {operations:?}");
    }
    scene.end().await;
}

#[tokio::test]
async fn a_client_that_hung_tells_everything_as_soon_as_it_answers() {
    let scene = Scene::one_within_time(FakeClient::playing(FOLDER).fault("auth1", Fault::Silence)).await;
    assert_down(&scene.scrape().await, "odd", &["timeout"]);
    assert_down(&scene.scrape().await, "odd", &["timeout"]);
    scene.odd().set_fault("auth1", None);
    let samples = scene.scrape().await;
    scene.assert_outcome(&samples, "odd", None);
    let names = |client| samples.of_client(client).0.keys().map(|sample| sample.name.clone()).collect::<BTreeSet<_>>();
    assert_eq!(names("odd"), names("healthy"));
    scene.end().await;
}

#[tokio::test]
async fn what_was_put_off_for_a_failure_is_not_said_to_have_succeeded() {
    let scene = Scene::one_within_time(FakeClient::playing(FOLDER).fault("get_disk_usage", Fault::Silence)).await;
    for _ in 0..2 {
        scene.assert_outcome(&scene.scrape().await, "odd", Some(("disk_usage", &["timeout"])));
    }
    assert_eq!(scene.odd().operations().iter().filter(|operation| *operation == "get_disk_usage").count(), 1);
    scene.end().await;
}

#[tokio::test]
async fn a_client_that_is_gone_takes_what_it_said_with_it() {
    let scene = Scene::one_within_time(FakeClient::playing(FOLDER)).await;
    scene.assert_outcome(&scene.scrape().await, "odd", None);
    scene.odd().set_fault("auth1", Some(Fault::Silence));
    let samples = scene.scrape().await.of_client("odd");
    let names = samples.0.keys().map(|sample| sample.name.as_str()).filter(|name| !name.starts_with("boinc_scrape_"));
    let left = ["boinc_client_info", "boinc_up"];
    assert_eq!(names.collect::<BTreeSet<_>>(), left.into());
    scene.end().await;
}
