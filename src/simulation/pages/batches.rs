//! `submit_rpc_handler.php`: a ping, and the batches of the account.

use std::fmt::Write as _;

use super::request::leaf;
use super::response::{error, escaped};
use super::{Response, View};
use crate::simulation::behaviour::Batch;
use crate::simulation::scenario::Generation;

pub(super) fn page(view: View<'_>) -> Response {
    let Some(request) = view.request.field("request").filter(|request| !request.trim().is_empty()) else {
        return cannot_parse("");
    };
    // PHP takes an empty element for no request at all.
    if request.trim() == "<ping/>" {
        return cannot_parse(&request);
    }
    let newer = view.is_since(Generation::Of2020);
    if request.contains("<ping>") {
        return Response::xml(if newer {
            "<ping>\n<success>1</success>\n        </ping>\n    "
        } else {
            "<success>1</success>\n"
        });
    }
    if !request.contains("<query_batches>") {
        return Response::error(-1, "bad command");
    }
    let refused = |text| {
        let error = error(-1, text);
        Response::xml(&if newer { format!("<query_batches>\n{error}</query_batches>\n") } else { error })
    };
    let Some(key) = leaf(&request, "authenticator") else { return refused("no authenticator") };
    if key != view.side.server.authenticator() {
        return refused("bad authenticator");
    }
    if !view.side.settings.submits {
        return refused("no submit access");
    }
    let root = if newer { "query_batches" } else { "batches" };
    let cpu_time = leaf(&request, "get_cpu_time").is_some_and(|value| value == "1");
    let mut text = format!("<{root}>\n");
    for one in &view.side.batches {
        batch(&mut text, view, one, cpu_time);
    }
    let _ = writeln!(text, "</{root}>");
    Response::xml(&text)
}

fn cannot_parse(request: &str) -> Response {
    Response::error(-1, &format!("can't parse request message: {}", escaped(request)))
}

fn batch(text: &mut String, view: View<'_>, batch: &Batch, cpu_time: bool) {
    let done = batch.done.floor();
    let errors = batch.errors.floor().min(done);
    // The share is of jobs, as PHP prints it.
    let fraction_done = format!("{:.14}", done / batch.njobs);
    let fraction_done = fraction_done.trim_end_matches('0').trim_end_matches('.');
    let _ = write!(
        text,
        "    <batch>\n\n        <id>{}</id>\n        <create_time>{}</create_time>\n        <expire_time>{}</expire_time>\n        \
         <est_completion_time>0</est_completion_time>\n        <njobs>{}</njobs>\n        \
         <fraction_done>{fraction_done}</fraction_done>\n        <nerror_jobs>{errors}</nerror_jobs>\n        \
         <state>{}</state>\n        <completion_time>{}</completion_time>\n        <credit_estimate>0</credit_estimate>\n        \
         <credit_canonical>{}</credit_canonical>\n        <name>{}</name>\n        <app_name>{}</app_name>\n",
        batch.id,
        batch.create_time,
        batch.expire_time,
        batch.njobs,
        batch.state,
        batch.completion_time,
        (done - errors) * batch.credit,
        escaped(&batch.name),
        view.side.server.apps[batch.app].name,
    );
    // Up to then only where it was asked for.
    if cpu_time || view.side.settings.server == Generation::Of2026 {
        let time = if cpu_time { (done * batch.cpu_time).floor() } else { 0.0 };
        let _ = writeln!(text, "        <total_cpu_time>{time}</total_cpu_time>");
    }
    text.push_str("   </batch>\n");
}
