//! Pages that make a careless reader search them to their end once for each tag. To such a one, a page is much more work than as many
//! bytes in parts.

use std::time::Duration;

use super::super::user::Names;
use super::processor::processor_time;
use super::recording::{answer, read};

#[test]
fn hostile_pages_take_no_longer_than_their_length() {
    const LENGTH: usize = 1 << 17;
    const PARTS: usize = 16;
    /// A reader that goes back in each part would take as many times as there are parts.
    const FACTOR: u32 = 4;
    /// Linux counts by its clock's ticks.
    const TICKS: Duration = Duration::from_millis(20);
    let units = [
        "<error>",
        "<error><error_msg>",
        "<error><error_msg></error_msg>\n    <type></line></error>",
        "<error><type>x</type></error>",
        "<error>\n<error>x</error>",
        "<b>Warning</b>:",
        "<b>Warning</b>: on line <b>",
        "<br />\n<b>Warning</b>: x in <b>y</b> on line <b>3</b><br />\n",
        "\nWarning: ",
        "\nPHP Warning:  x on line ",
        "PHP Fatal error: ",
        ": ",
        "g: ",
        "<",
        "<user ",
        "<user",
        "<!--",
        "<![CDATA[",
        "<terms_of_use>",
        "<name>",
        "<name>x",
        "<message>",
        "<message>Server error: ",
        "<results_in_progress app=\"",
        "<results_in_progress app=\"x\">1</results_in_progress>",
        "<batch>",
        "<batches>",
        "<batch/>",
        "<daemon/>",
        "<host>",
        "<scheduler>",
        "<link boinc_scheduler ",
        "<title>",
        // Rows, no two of them alike.
        "<daemon><command>d#</command></daemon>",
        "<app><name>a#</name></app>",
        "<results_in_progress app=\"a#\">1</results_in_progress>",
        "<batch><id>#</id><app_name>a#</app_name></batch>",
        "<host><id>#</id></host>",
        "<platform><platform_name>p#</platform_name></platform>",
    ];
    let pages = [
        ("", "config"),
        ("<html>", "master"),
        ("<user>", "user"),
        ("<project_config>", "config"),
        ("<server_status>", "status"),
        ("<scheduler_reply>", "scheduler"),
        ("<query_batches>", "batches"),
    ];
    for unit in units {
        for (root, page) in pages {
            let numbered = |number: usize| unit.replace('#', &number.to_string());
            let of_length = |length: usize| {
                let units: String = (0..length / unit.len()).map(numbered).collect();
                format!("{root}{units}")
            };
            let (whole, part) = (of_length(LENGTH), of_length(LENGTH / PARTS));
            let read = |body: &str| drop(read(page, &answer(body), Names::Keep));
            let time = processor_time(|| read(&whole));
            let in_parts = processor_time(|| (0..PARTS).for_each(|_| read(&part)));
            assert!(time < FACTOR * in_parts + TICKS, "{root}{unit:?}: {time:?}, in parts {in_parts:?}");
        }
    }
}
