//! `show_user.php` and `lookup_account.php`. What people wrote about themselves is escaped; what computers say of themselves is not.

use std::fmt::Write as _;
use std::time::Duration;

use super::response::escaped;
use super::{Response, View, html};
use crate::simulation::behaviour::HostRecord;
use crate::simulation::scenario::Generation;
use crate::simulation::state::Ids;

/// Servers make those wait who guess passwords.
const PENALTY: Duration = Duration::from_secs(5);

pub(super) fn page(view: View<'_>) -> Response {
    let (request, server) = (view.request, &view.side.server);
    if request.argument("format").as_deref() != Some("xml") {
        return html::for_members(view, "Account data");
    }
    if let Some(key) = request.argument("auth") {
        let known = key == server.authenticator();
        return if known { Response::xml(&user(view, true)) } else { Response::error(-136, "Not found") };
    }
    match number(view, "userid") {
        Err(response) => *response,
        Ok(id) if id == u64::from(server.userid) => Response::xml(&user(view, false)),
        Ok(_) => Response::error(-136, "Not found"),
    }
}

/// An argument that has to be a whole number; the response if it is not.
pub(super) fn number(view: View<'_>, name: &str) -> Result<u64, Box<Response>> {
    let number = view.request.argument(name).and_then(|text| text.parse().ok());
    number.ok_or_else(|| Box::new(Response::redirect(format!("missing_arg_{name}.html"))))
}

fn user(view: View<'_>, by_key: bool) -> String {
    let (side, server) = (view.side, &view.side.server);
    let credit = side.account.credit();
    let ids = Ids::of(server);
    let place =
        format!("<country>International</country>\n    <url>https://{}.example/?a=1&amp;b=2</url>\n", server.userid);
    let mut text = format!(
        "<user>\n    <id>{}</id>\n    <cpid>{:x}</cpid>\n    <create_time>{}</create_time>\n    <name>{}</name>\n",
        server.userid,
        ids.external,
        server.user_create_time,
        escaped(&server.user_name)
    );
    let newer = view.is_since(Generation::Of2020);
    if !newer {
        let _ = write!(text, "    {place}");
    }
    let _ = write!(
        text,
        "    <total_credit>{}</total_credit>\n    <expavg_credit>{}</expavg_credit>\n    <expavg_time>{}</expavg_time>\n    \
         <teamid>{}</teamid>\n    <has_profile>0</has_profile>\n",
        credit.total,
        credit.average,
        side.account.updated(),
        server.teamid
    );
    if by_key {
        text.push_str("   <venue></venue>\n");
        side.hosts.iter().for_each(|(id, record)| host(&mut text, view, *id, record));
    }
    if newer {
        let _ = write!(text, "     {place}");
    }
    text.push_str("</user>\n");
    text
}

fn host(text: &mut String, view: View<'_>, id: u32, record: &HostRecord) {
    let credit = record.credit.credit();
    let rpc_time = if view.is_since(Generation::Of2015) {
        format!("        <rpc_time>{}</rpc_time>\n", record.rpc_time.floor())
    } else {
        String::new()
    };
    let _ = write!(
        text,
        "    <host>\n        <id>{id}</id>\n        <create_time>{}</create_time>\n        <rpc_seqno>{}</rpc_seqno>\n{rpc_time}        \
         <host_cpid>{}</host_cpid>\n        <total_credit>{}</total_credit>\n        <expavg_credit>{}</expavg_credit>\n        \
         <expavg_time>{}</expavg_time>\n",
        record.create_time,
        record.rpc_seqno,
        record.cpid,
        credit.total,
        credit.average,
        record.credit.updated(),
    );
    let _ = write!(
        text,
        "        <domain_name>{}</domain_name>\n        <p_ncpus>{}</p_ncpus>\n        <p_vendor>{}</p_vendor>\n        \
         <p_model>{}</p_model>\n        <p_fpops>{}</p_fpops>\n        <p_iops>{}</p_iops>\n        <os_name>{}</os_name>\n        \
         <os_version>{}</os_version>\n        <m_nbytes>{}</m_nbytes>\n        <d_free>{}</d_free>\n        \
         <d_total>{}</d_total>\n        <venue>{}</venue>\n    </host>\n",
        record.domain_name,
        record.ncpus,
        record.cpu_vendor,
        record.cpu_model,
        record.fpops,
        record.iops,
        record.os_name,
        record.os_version,
        record.memory,
        record.disk_free.floor(),
        record.disk_total,
        record.venue,
    );
}

/// The key of an account, for an e-mail address and a hash of the password.
pub(super) fn lookup(view: View<'_>) -> Response {
    let server = &view.side.server;
    let Some(address) = view.request.argument("email_addr") else {
        return Response::error(-1, "missing or bad parameter: email_addr");
    };
    if !address.eq_ignore_ascii_case(&server.email_address()) {
        return Response { delay: PENALTY, ..Response::error(-136, "Not found") };
    }
    match view.request.argument("passwd_hash") {
        None => Response::xml("<account_out>\n   <success/>\n</account_out>\n"),
        Some(hash) if hash.eq_ignore_ascii_case(&server.passwd_hash()) => {
            let key = server.authenticator();
            Response::xml(&format!("<account_out>\n<authenticator>{key}</authenticator>\n</account_out>\n"))
        }
        Some(_) => Response { delay: PENALTY, ..Response::error(-206, "Invalid password") },
    }
}
