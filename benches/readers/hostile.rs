//! Single faults and oddities that clients are known to send or could, each in an otherwise healthy reply.

use crate::Way;

const REPLY: &str = "<boinc_gui_rpc_reply>
<client_state>
<project>
    <master_url>http://a/</master_url>
    <project_name>Alpha</project_name>
    <user_name>Zo&#195;&#171; &amp; Bj&#195;&#182;rk</user_name>
    <rec>1.000000</rec>
    <rsc_backoff_time>
        <name>CPU</name>
        <value>0.000000</value>
    </rsc_backoff_time>
    <suspended_via_gui/>
</project>
<workunit>
    <name>w</name>
    <rsc_fpops_est>5.000000</rsc_fpops_est>
    <command_line>
--seed 1
    </command_line>
</workunit>
<result>
    <name>t</name>
    <wu_name>w</wu_name>
    <state>2</state>
</result>
</client_state>
</boinc_gui_rpc_reply>
";

/// What it is, what is replaced by what, and what is then right: a leaf, beside which all else must be as it was.
const CASES: [(&str, &str, &[u8], &str, &str); 19] = [
    ("bare & and < in a name", ">Alpha<", b">A & B < C<", "project_name", "A & B < C"),
    ("a tag in a name", ">Alpha<", b">A <b>@home<", "project_name", "A <b>@home"),
    ("its own closing tag in a name", ">Alpha<", b">A</project_name>B<", "project_name", "A</project_name>B"),
    ("another closing tag in a name", ">Alpha<", b">A</project>B<", "project_name", "A</project>B"),
    ("a comment in a name", ">Alpha<", b">A <!-- B<", "project_name", "A <!-- B"),
    ("a quote in a tag in a name", ">Alpha<", b">A <b \"c<", "project_name", "A <b \"c"),
    ("a reference in a raw name", ">Alpha<", b">A &lt; B<", "project_name", "A &lt; B"),
    ("Latin-1 in a name", ">Alpha<", b">L\xe4b<", "project_name", "L\u{e4}b"),
    ("escapes byte by byte", ">Zo", b">Zo", "user_name", "Zo\u{eb} & Bj\u{f6}rk"),
    (
        "an unknown reference",
        ">Zo&#195;&#171; &amp; Bj&#195;&#182;rk<",
        b">A &unknown; B<",
        "user_name",
        "A &unknown; B",
    ),
    ("nan", "<rec>1.000000", b"<rec>-nan", "rec", ""),
    ("1.#INF", "<rec>1.000000", b"<rec>1.#INF", "rec", ""),
    (
        "<x></x> is false",
        "<suspended_via_gui/>",
        b"<suspended_via_gui></suspended_via_gui>",
        "suspended_via_gui",
        "false",
    ),
    ("a value twice", "<rec>1", b"<rec>7</rec>\n    <rec>1", "rec", "1.0"),
    ("a tag alone on a line of a command", "--seed 1\n", b"--seed 1\n<file>\n", "rsc_fpops_est", "5.0"),
    ("a quote in a < of a command", "--seed 1\n", b"--if \"a<b && c\"\n", "rsc_fpops_est", "5.0"),
    ("a leaf that is not closed", "<rec>1.000000</rec>", b"<rec>1.000000", "rec", ""),
    ("an unknown element with children", "<rec>1", b"<new>\n<a/><rec>2</rec>\n</new>\n<rec>1", "rec", "1.0"),
    ("two leaves in a line", "</master_url>\n", b"</master_url>", "project_name", "Alpha"),
];

/// For each case the ways that read it as they should.
pub fn table(ways: &[Way]) -> Vec<(&'static str, Vec<bool>)> {
    let healthy = (ways[ways.len() - 1].read)(REPLY.as_bytes()).expect("this crate's reader reads a healthy reply");
    let case = |(name, from, to, field, right): (_, &str, &[u8], &str, &str)| {
        let (before, after) = REPLY.split_once(from).expect("every case changes the healthy reply");
        let reply = [before.as_bytes(), to, after.as_bytes()].concat();
        let is_field =
            |leaf: &String| leaf.split(" = ").next().is_some_and(|place| place.ends_with(&format!("/{field}")));
        let rest: Vec<_> = healthy.iter().filter(|leaf| !is_field(leaf)).collect();
        let well = |way: &Way| {
            let Ok(leaves) = (way.read)(&reply) else { return false };
            let found = leaves.iter().find(|leaf| is_field(leaf)).and_then(|leaf| leaf.split_once(" = "));
            let others: Vec<_> = leaves.iter().filter(|leaf| !is_field(leaf)).collect();
            found.map_or("", |(_, value)| value) == right && others == rest
        };
        (name, ways.iter().map(well).collect())
    };
    CASES.into_iter().map(case).collect()
}
