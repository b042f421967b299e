//! `team_lookup.php` and `team_email_list.php`. The account's team has members that have no simulated computer.

use std::fmt::Write as _;

use super::response::escaped;
use super::user::number;
use super::{Response, View, html};
use crate::simulation::behaviour::chance;
use crate::simulation::scenario::Generation;
use crate::simulation::state::Ids;

/// Members beside the account.
const OTHERS: u32 = 24;

/// A member.
struct Member {
    id: u32,
    cpid: String,
    create_time: f64,
    name: String,
    total: f64,
    average: f64,
    updated: f64,
}

fn team_members(view: View<'_>) -> Vec<Member> {
    let (side, server) = (view.side, &view.side.server);
    let credit = side.account.credit();
    let own = Member {
        id: server.userid,
        cpid: format!("{:x}", Ids::of(server).external),
        create_time: server.user_create_time,
        name: server.user_name.clone(),
        total: credit.total,
        average: credit.average,
        updated: side.account.updated(),
    };
    let days = (side.time - side.begun) / 86_400.0;
    let other = |number: u32| {
        let name = format!("Member {number} & {}", server.team_name);
        // Some have left.
        let average = if number.is_multiple_of(4) { 0.0 } else { (9000.0 * chance(&name, "average")).floor() };
        Member {
            id: server.userid + 10 + number,
            cpid: format!("{:x}", md5::compute(&name)),
            create_time: server.user_create_time + 86_400.0 * f64::from(number),
            total: (4e6 * chance(&name, "total")).floor() + average * days,
            average,
            updated: (side.time / 3600.0).floor() * 3600.0,
            name,
        }
    };
    [own].into_iter().chain((1..=OTHERS).map(other)).collect()
}

pub(super) fn page(view: View<'_>) -> Response {
    // Before, the team came as XML without asking for it.
    if view.request.argument("format").as_deref() != Some("xml") && view.is_since(Generation::Of2026) {
        return html::for_members(view, "Team");
    }
    let server = &view.side.server;
    match number(view, "team_id") {
        Err(response) => *response,
        Ok(id) if id == u64::from(server.teamid) && id > 0 => Response::xml(&team(view)),
        Ok(_) => Response::error(-136, "Not found"),
    }
}

fn team(view: View<'_>) -> String {
    let server = &view.side.server;
    let members = team_members(view);
    let sum = |of: fn(&Member) -> f64| members.iter().map(of).sum::<f64>();
    let updated = members.iter().map(|member| member.updated).fold(0.0, f64::max);
    format!(
        "<team>\n    <id>{}</id>\n    <create_time>{}</create_time>\n    <userid>{}</userid>\n    <name>{}</name>\n    \
         <url>https://team.example/?a=1&amp;b=2</url>\n    <type>12</type>\n    <country>Switzerland</country>\n    \
         <total_credit>{}</total_credit>\n    <expavg_credit>{}</expavg_credit>\n    <expavg_time>{updated}</expavg_time>\n</team>\n",
        server.teamid,
        server.user_create_time - 3e7,
        server.userid + 11,
        escaped(&server.team_name),
        sum(|member| member.total),
        sum(|member| member.average),
    )
}

pub(super) fn members(view: View<'_>) -> Response {
    let server = &view.side.server;
    match number(view, "teamid") {
        Err(response) => return *response,
        Ok(id) if id == u64::from(server.teamid) && id > 0 => {}
        Ok(_) => return Response::error(-136, "Not found"),
    }
    let short = view.request.argument("creditonly").is_some();
    let mut text = String::from("<users>\n");
    for member in team_members(view).into_iter().filter(|member| !short || member.total > 0.0) {
        let Member { id, cpid, create_time, name, total, average, updated } = member;
        let _ = write!(
            text,
            "<user>\n    <id>{id}</id>\n    <cpid>{cpid}</cpid>\n    <total_credit>{total}</total_credit>"
        );
        if !short {
            let name = escaped(&name);
            let _ = write!(
                text,
                "    <create_time>{create_time}</create_time>\n    <name>{name}</name>\n    \
                 <expavg_credit>{average}</expavg_credit>\n    <expavg_time>{updated}</expavg_time>\n    \
                 <has_profile>0</has_profile>\n     <country>International</country>\n"
            );
            if id == server.userid {
                let _ = writeln!(text, "    <url>https://{id}.example/?a=1&amp;b=2</url>");
            }
        }
        text.push_str("</user>\n");
    }
    text.push_str("</users>\n");
    Response::xml(&text)
}
