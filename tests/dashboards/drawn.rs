//! Every dashboard has something to say: each query finds data with the labels that its legend needs, and each panel shows
//! it whole. And the pictures of docs/images.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::files::{dashboards, json, must, path};
use super::judges::{Range, Shot, dashcheck, shoot, types};
use super::past::{DAY, END, MONTH, Past, Shared};
use super::values;

/// Panels that are about the process of the exporter or the scrapes of Prometheus, of which a simulated past has none:
/// live.rs has them.
const OF_PROCESS: [&str; 8] =
    ["Configuration", "Series", "Memory", "Version", "Scrapes", "CPU", "Exporters", "Not understood or left out"];

/// Panels that are empty, or have empty columns, if nothing is wrong: over a month nothing may be at the moments that are
/// looked at. The day shows that there is something to see if there is.
const RARE: [&str; 3] = ["Slow or stuck", "Contact", "Why it does not compute"];

/// What a dashboard is looked at with.
struct View {
    dashboard: &'static str,
    variables: &'static [&'static str],
    may_be_empty: &'static [&'static str],
}

const fn view(dashboard: &'static str, may_be_empty: &'static [&'static str]) -> View {
    View { dashboard, variables: &[], may_be_empty }
}

/// A client that has a GPU in use by somebody, tasks of several projects, and uploads that fail.
const fn client(may_be_empty: &'static [&'static str]) -> View {
    View { dashboard: "client", variables: &["client=study"], may_be_empty }
}

const OF_DAY: [View; 4] = [view("fleet", &[]), client(&[]), view("tasks", &[]), view("exporter", &OF_PROCESS)];

const OF_MONTH: [View; 4] =
    [view("fleet", &RARE), client(&RARE), view("projects", &RARE), view("exporter", &OF_PROCESS)];

/// Of the last week of the month, in which nothing was left out because of a limit, and no computer was silent for long.
const OF_WEEK: [View; 3] = [view("server", &["Pages"]), view("accounts", &["Silent for"]), view("batches", &[])];
const WEEK: u64 = 7 * 86400;

fn file(dashboard: &str) -> PathBuf {
    path(&format!("dashboards/boinc-{dashboard}.json"))
}

const fn range(past: &Past, length: u64) -> Range {
    Range { end: END, length, scrape: past.step.as_secs() }
}

/// How many panels a dashboard has, those in closed rows too.
fn panels(value: &Value) -> usize {
    let each = value["panels"].as_array().into_iter().flatten();
    each.map(|panel| if panel["type"] == "row" { panels(panel) } else { 1 }).sum()
}

/// Asks each query of the views, and draws them.
fn look(url: &str, range: Range, views: &[View]) {
    for view in views {
        let verdict = dashcheck(&[file(view.dashboard)], Some((url, range)), view.may_be_empty);
        assert!(verdict.content, "queries of {}:\n{}", view.dashboard, verdict.words);
        let shot = Shot { variables: view.variables, ..Shot::default() };
        let seen = shoot(&file(view.dashboard), url, range, &shot);
        let empty: Vec<_> = seen.empty.iter().filter(|title| !view.may_be_empty.contains(&title.as_str())).collect();
        let all = seen.panels > 10 && seen.panels == panels(&json(&file(view.dashboard)));
        assert!(seen.content && empty.is_empty() && all, "{} as drawn:\n{}", view.dashboard, seen.words);
    }
}

#[test]
fn dashboards_are_right_by_grafanas_types() {
    let verdict = types(&dashboards());
    assert!(verdict.content && verdict.words.is_empty(), "{}", verdict.words);
}

static SHARED_DAY: Shared = Shared::new(DAY);
static SHARED_MONTH: Shared = Shared::new(MONTH);

#[test]
fn a_day_can_be_seen() {
    let prometheus = SHARED_DAY.load();
    look(&prometheus.url(), range(&DAY, 86400), &OF_DAY);
}

#[tokio::test]
async fn a_day_in_numbers() {
    let prometheus = SHARED_DAY.load();
    insta::assert_snapshot!("day", values::shown(&prometheus, range(&DAY, 86400), &values::OF_DAY).await);
}

/// So that its numbers are not only what they were.
#[tokio::test]
async fn a_day_is_that_of_its_clients() {
    let prometheus = SHARED_DAY.load();
    values::assert_known(&prometheus, range(&DAY, 86400)).await;
}

#[test]
fn a_month_can_be_seen() {
    let prometheus = SHARED_MONTH.load();
    look(&prometheus.url(), range(&MONTH, MONTH.length.as_secs()), &OF_MONTH);
}

#[test]
fn a_week_of_projects_can_be_seen() {
    let prometheus = SHARED_MONTH.load();
    look(&prometheus.url(), range(&MONTH, WEEK), &OF_WEEK);
}

#[tokio::test]
async fn a_week_of_projects_in_numbers() {
    let prometheus = SHARED_MONTH.load();
    insta::assert_snapshot!("week", values::shown(&prometheus, range(&MONTH, WEEK), &values::OF_WEEK).await);
}

#[tokio::test]
async fn a_month_in_numbers() {
    let prometheus = SHARED_MONTH.load();
    let range = range(&MONTH, MONTH.length.as_secs());
    insta::assert_snapshot!("month", values::shown(&prometheus, range, &values::OF_MONTH).await);
}

/// `make pictures` draws them anew. No test: they change with every change of a dashboard, to be looked at.
#[test]
#[ignore = "writes docs/images"]
fn pictures() {
    let day = DAY.load();
    let month = MONTH.load();
    let week = (month.url(), range(&MONTH, WEEK));
    let (day, month) = ((day.url(), range(&DAY, 86400)), (month.url(), range(&MONTH, MONTH.length.as_secs())));
    let images = path("docs/images");
    for theme in THEMES {
        let of_day = OF_DAY[..3].iter().map(|view| (view, &day));
        let of_week = OF_WEEK.iter().map(|view| (view, &week));
        for (view, (url, range)) in of_day.chain([(&OF_MONTH[2], &month)]).chain(of_week) {
            picture(view, url, *range, theme, None, &images.join(format!("{}-{theme}.png", view.dashboard)));
        }
        // What is seen without scrolling: for the README.
        picture(
            &OF_DAY[0],
            &day.0,
            day.1,
            theme,
            Some(FIRST_SCREEN),
            &images.join(format!("first-screen-{theme}.png")),
        );
    }
    super::live::pictures(THEMES, &images);
}

const THEMES: [&str; 2] = ["dark", "light"];

/// Down to the end of the panel `Clients over time`.
const FIRST_SCREEN: u32 = 1240;

fn picture(view: &View, url: &str, range: Range, theme: &str, height: Option<u32>, to: &std::path::Path) {
    let shot = Shot { variables: view.variables, theme: Some(theme), height, picture: Some(to.to_owned()) };
    let seen = shoot(&file(view.dashboard), url, range, &shot);
    assert!(seen.content, "{}", seen.words);
    small(to);
}

/// Makes a picture a third of its size, by taking 256 colours.
pub fn small(picture: &std::path::Path) {
    must(Command::new("pngquant").args(["--force", "--skip-if-larger", "--strip", "--ext=.png"]).arg(picture));
    let bytes = fs::metadata(picture).expect("it was written").len();
    assert!(bytes < 400_000, "{} has {bytes} bytes", picture.display());
}
