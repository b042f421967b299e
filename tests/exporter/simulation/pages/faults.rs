//! Each fault of a server gives the reason that it should, on each page.

use std::fmt::Write as _;

use super::{PAGES, ask, read, requests, world};

/// The first request for each page, before and after the fault has begun.
fn outcome(world: &boinc_exporter::simulation::world::World, project: usize) -> Vec<(&'static str, String)> {
    let of = |page: &'static str| {
        let request = requests(world, project, page).remove(0);
        let said = match read(page, &ask(world, project, &request)) {
            Ok((oddities, _)) if oddities.notices > 0 => "read, with notices".to_owned(),
            Ok(_) => "read".to_owned(),
            Err(fault) => fault.reason.to_string(),
        };
        (page, said)
    };
    PAGES.into_iter().chain(["master"]).map(of).collect()
}

#[test]
fn each_fault_gives_its_reason() {
    let (before, _) = world("servers", 0);
    let (after, _) = world("servers", 20);
    let mut text = String::new();
    for (project, server) in after.project_servers().iter().enumerate() {
        let (healthy, faulty) = (outcome(&before, project), outcome(&after, project));
        let changed: Vec<_> = healthy.iter().zip(&faulty).filter(|(one, other)| one != other).collect();
        let _ = writeln!(text, "{}", server.name);
        for ((page, _), (_, now)) in changed {
            let _ = writeln!(text, "  {page}: {now}");
        }
    }
    insta::assert_snapshot!(text);
}
