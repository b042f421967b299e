//! Shapes of pages about tasks and batches that were told of and not recorded.

use super::super::batches::{BatchState, Jobs};
use super::super::results::{Device, Validation};
use super::super::user::Names;
use super::super::{Text, batch, batches, ping, results};
use super::recording::{answer, clean};

#[test]
fn what_became_of_tasks() {
    for (server_state, outcome, validate_state, expected) in [
        (1, 0, 0, Validation::Unfinished),
        (2, 0, 0, Validation::Unfinished),
        (4, 0, 0, Validation::Unfinished),
        (5, 1, 0, Validation::Pending),
        (5, 1, 1, Validation::Valid),
        (5, 1, 2, Validation::Invalid),
        (5, 1, 3, Validation::Invalid),
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
        assert_eq!(batches[0].jobs(), Some(Jobs { succeeded: 5.0, failed: 2.0, rest: 3.0 }));
    }
}

#[test]
fn jobs_of_servers_that_count_only_those_that_succeeded() {
    let row = |id: i64, state: i64, done: f64, failed: u32, estimate: u32| {
        format!(
            "<batch><id>{id}</id><state>{state}</state><njobs>10</njobs><fraction_done>{done}</fraction_done>\
             <nerror_jobs>{failed}</nerror_jobs><credit_estimate>{estimate}</credit_estimate></batch>"
        )
    };
    let jobs = |rows: &[String]| -> Vec<_> {
        let text = format!("<query_batches>{}</query_batches>", rows.concat());
        let batches = clean(batches::read(&answer(&text), Names::Drop)).batches;
        let numbers = |batch: &batches::Batch| {
            batch
                .jobs()
                .map(|Jobs { succeeded, failed, rest }| [succeeded, failed, rest])
                .map(|n| (n, batch.fraction_done))
        };
        batches.iter().filter_map(numbers).collect()
    };
    // One that is under way tells the server's kind. Its jobs need not be equally long.
    let rows = [row(4, 1, 0.62, 3, 500), row(3, 2, 0.9, 1, 0), row(2, 3, 0.3, 2, 0), row(1, 2, 0.0, 10, 0)];
    let of_old = [
        ([6.0, 3.0, 1.0], Some(0.9)),
        ([9.0, 1.0, 0.0], Some(1.0)),
        ([3.0, 2.0, 5.0], Some(0.5)),
        ([0.0, 10.0, 0.0], Some(1.0)),
    ];
    assert_eq!(jobs(&rows), of_old);
    // What is complete is complete on any server.
    assert_eq!(jobs(&rows[3..]), of_old[3..]);
    assert_eq!(jobs(&[row(4, 1, 0.9, 3, 0)]), of_old[..1]);
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
    assert_eq!(second.jobs(), Some(Jobs { succeeded: 0.0, failed: 2.0, rest: 1.0 }));
}

#[test]
fn of_too_many_batches_the_unfinished_and_the_newest_are_kept() {
    let row = |id| format!("<batch><id>{id}</id><state>{}</state></batch>", if id == 5 { 1 } else { 2 });
    let rows = (0..3 * batches::MAX_BATCHES).map(row).collect::<Vec<_>>().concat();
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
