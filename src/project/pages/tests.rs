//! The pages before recordings of real servers.

mod coverage;
mod faults;
mod hostile;
#[path = "../../../tests/support/patterns.rs"]
mod patterns;
#[path = "../../../tests/support/processor.rs"]
mod processor;
mod recording;
mod server;
mod shapes;
mod work;

use std::fmt::Write as _;

use proptest::prelude::*;

use self::recording::{PAGES, Recording, read, recordings};
use super::Answer;
use super::user::Names;

#[test]
fn every_recording_is_read() {
    for page in PAGES {
        let mut text = String::new();
        for recording in recordings(page) {
            let said = match read(page, &recording.answer(), Names::Keep) {
                Ok(said) => said,
                Err(fault) => format!("{}: {fault}", fault.reason),
            };
            let _ = writeln!(text, "== {}\n{said}\n", recording.name);
        }
        insta::assert_snapshot!(page, text);
    }
}

/// What is cut off is not taken for the whole: a list of hosts that ends early would lose computers.
#[test]
fn a_page_that_is_cut_off_is_no_page() {
    /// Longer recordings are cut at so many places: the pages are made of lines of 50 bytes.
    const PLACES: usize = 1_000;
    for page in PAGES {
        for recording in recordings(page) {
            let whole = read(page, &recording.answer(), Names::Keep);
            for end in (0..recording.body.len()).step_by(recording.body.len() / PLACES + 1) {
                let cut = Recording { body: recording.body[..end].to_vec(), ..recording.clone() };
                let said = read(page, &cut.answer(), Names::Keep);
                let same = said == whole || page == "master";
                assert!(said.is_err() || same, "{page}/{} cut at {end}: {said:?}", recording.name);
            }
        }
    }
}

/// Persons, and what gives access: not even where names are kept by choice.
#[test]
fn nothing_that_is_personal_or_secret_is_kept() {
    let secrets = [
        "Alice",
        "Zoë",
        "Quentin",
        "Soren",
        "Germany",
        "International",
        "alice.example",
        "me.org",
        "171dcf05",
        "9aa2b0f6",
        "436f9c7a",
        "aa02c70d",
        "9bf7fdac",
        "0e505619",
        "4eea2b81",
        "939092dd",
        "ed8229dd",
        "5c17c720",
        "d299e6d9",
        "Ostsee",
    ];
    for page in PAGES {
        for recording in recordings(page) {
            let whole = String::from_utf8_lossy(&recording.body).into_owned();
            for names in [Names::Keep, Names::Drop] {
                let said = read(page, &recording.answer(), names).unwrap_or_else(|fault| format!("{fault} {fault:?}"));
                for secret in secrets.iter().filter(|secret| whole.contains(**secret)) {
                    // A batch that nobody names is named after its user: that is why names are dropped.
                    let chosen = names == Names::Keep && page.starts_with("batch");
                    assert!(chosen || !said.contains(secret), "{page}/{} keeps {secret}", recording.name);
                }
            }
        }
    }
}

#[test]
fn names_are_kept_by_choice_only() {
    let user =
        &recordings("user").into_iter().find(|recording| recording.name.contains("unescaped")).expect("it is there");
    assert!(read("user", &user.answer(), Names::Keep).expect("it is a page").contains("\"h<1>&x\""));
    assert!(!read("user", &user.answer(), Names::Drop).expect("it is a page").contains("h<1>"));
}

proptest! {
    #[test]
    fn nothing_panics(body in proptest::collection::vec(any::<u8>(), 0..2_000), status in 0_u16..600) {
        for page in PAGES {
            let _ = read(page, &Answer { status, location: "x", body: &body }, Names::Keep);
        }
    }

    #[test]
    fn nothing_panics_on_damaged_pages(
        page in proptest::sample::select(&PAGES[..]),
        which in any::<proptest::sample::Index>(),
        damage in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..20),
    ) {
        let all = recordings(page);
        let mut recording = which.get(&all).clone();
        if !recording.body.is_empty() {
            for (place, byte) in damage {
                let at = place.index(recording.body.len());
                recording.body[at] = byte;
            }
            let _ = read(page, &recording.answer(), Names::Keep);
        }
    }
}
