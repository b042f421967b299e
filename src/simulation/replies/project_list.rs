//! The list of projects that users can join. A client gets it from BOINC and passes it on unchanged.

use std::sync::Arc;

use super::static_fields::platforms;
use super::text::Text;
use crate::simulation::state::{Os, ProjectServer};

/// General area, specific area and keywords; projects take them in turn.
const AREAS: [(&str, &str, &str); 4] = [
    ("Physical Science", "Astrophysics", "1 2 3"),
    ("Biology and Medicine", "Molecular biology", "9 12 20"),
    ("Earth Sciences", "Climate study", "16 24"),
    ("Mathematics, computing, and games", "Number theory", "32 33"),
];

/// The reply to `get_all_projects_list`.
pub(super) fn list(text: &mut Text, project_servers: &[Arc<ProjectServer>]) {
    text.element([0, 0], "projects", |text| {
        for (at, server) in project_servers.iter().enumerate() {
            one(text, at, server);
        }
        text.element([3, 8], "account_manager", |text| {
            text.escaped("name", "Accounts in one place");
            text.integer("id", project_servers.len() + 1);
            text.raw("url", "https://accounts.example/");
            text.escaped("description", "Attach many computers to many projects at once.");
            text.raw("image", "https://accounts.example/logo.png");
        });
    });
}

fn one(text: &mut Text, at: usize, server: &ProjectServer) {
    let (general, specific, keywords) = AREAS[at % AREAS.len()];
    text.element([4, 8], "project", |text| {
        text.escaped("name", &server.name);
        text.integer("id", at + 1);
        text.escaped("url", &server.url);
        text.escaped("web_url", &server.url);
        text.escaped("general_area", general);
        text.escaped("specific_area", specific);
        text.cdata("description", "Runs on computers of volunteers.");
        text.escaped("home", "University of Somewhere");
        text.element([4, 8], "platforms", |text| {
            for os in [Os::Windows, Os::Linux, Os::Mac] {
                text.raw("name", platforms(os)[0]);
            }
        });
        text.indented(6, |text| {
            text.leaf("image", |out| out.extend([&server.url, "logo.png"]));
            text.escaped("summary", specific);
        });
        text.raw("keywords", keywords);
    });
}
