//! Writes the data directory of a BOINC client that has a life behind it: four projects with awkward names, tasks in
//! every state, a coprocessor, transfers that wait, and histories. Nothing in it can reach a network: all names end in
//! `.invalid`, and network use is switched off.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The password of the client.
pub const PASSWORD: &str = "correct horse battery staple";

/// What must never be shown: the password, the account key, the hash of an e-mail address, a cross-project id.
pub const SECRETS: [&str; 4] = [
    PASSWORD,
    "0123456789abcdef0123456789abcdef",
    "abcdefabcdef01234567012345670123",
    "fedcba98765432100123456789abcdef",
];

/// The URLs of the projects, in the order in which they are written.
pub const PROJECTS: [&str; 4] = [
    "https://alpha.invalid/boinc/",
    "https://quote.invalid/",
    "https://nameless.invalid/boinc/",
    "https://gamma.invalid/deep/path/",
];

/// CPUs that the client is told to have; as many tasks run at a time.
pub const CPUS: usize = 3;

/// A project's name, as a person reads it, and the numbers that its scheduler once sent.
struct Project {
    url: &'static str,
    name: &'static str,
    user: &'static str,
    team: &'static str,
    /// Written as they are: flags and numbers that only some projects have.
    extra: &'static str,
    tasks: &'static [Task],
}

/// What becomes of a task when the client starts.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    /// Runs as soon as a CPU is free.
    Runs,
    /// Starts at once, because its application does not count as load, and ends with exit code 42.
    Fails,
    /// Runs on the coprocessor.
    Accelerated,
    /// Suspended by the user.
    Suspended,
    /// Waits for an input file.
    Downloads,
    /// Computed; its output file waits for the network.
    Uploads,
    /// Computed and uploaded; waits to be reported.
    Done,
    /// Ended with an error before the client was started.
    Failed,
    /// Aborted by the user before it started.
    Aborted,
}

type Task = (&'static str, Fate);

const TABLE: [Project; 4] = [
    Project {
        url: PROJECTS[0],
        name: "Alpha & Omega <test>@home",
        user: "Zoë & Björk",
        team: "Team <R&D>",
        extra: "<rpc_seqno>655</rpc_seqno><njobs_success>3872</njobs_success><njobs_error>86</njobs_error>\
                <user_total_credit>123456.789</user_total_credit><user_expavg_credit>1234.5</user_expavg_credit>\
                <host_total_credit>98765.432100</host_total_credit><host_expavg_credit>321.5</host_expavg_credit>\
                <elapsed_time>43580057.333979</elapsed_time><duration_correction_factor>1.07</duration_correction_factor>",
        tasks: &[
            ("run_a", Fate::Runs),
            ("run_b", Fate::Runs),
            ("run_c", Fate::Runs),
            ("wait_a", Fate::Runs),
            ("wait_b", Fate::Runs),
            ("fails", Fate::Fails),
            ("accelerated", Fate::Accelerated),
            ("suspended", Fate::Suspended),
            ("downloads", Fate::Downloads),
            ("uploads", Fate::Uploads),
            ("done_a", Fate::Done),
            ("done_b", Fate::Done),
            ("failed", Fate::Failed),
            ("aborted", Fate::Aborted),
        ],
    },
    Project {
        url: PROJECTS[1],
        name: "The \"Quoted\" \\ 'Project'",
        user: "o'neil \"x\"",
        team: "",
        extra: "<rpc_seqno>7</rpc_seqno><njobs_success>12</njobs_success><njobs_error>0</njobs_error>\
                <user_total_credit>10</user_total_credit><user_expavg_credit>0.25</user_expavg_credit>\
                <host_total_credit>4.5</host_total_credit><host_expavg_credit>0.125</host_expavg_credit>\
                <suspended_via_gui/><dont_request_more_work/><attached_via_acct_mgr/>\
                <ams_resource_share_new>0</ams_resource_share_new>",
        tasks: &[("held_a", Fate::Runs), ("held_b", Fate::Done)],
    },
    Project {
        url: PROJECTS[2],
        name: "",
        user: "",
        team: "",
        extra: "<nrpc_failures>3</nrpc_failures><master_fetch_failures>2</master_fetch_failures>",
        tasks: &[],
    },
    Project {
        url: PROJECTS[3],
        name: "Gamma",
        user: "nobody",
        team: "nobodies",
        extra: "<rpc_seqno>1</rpc_seqno><njobs_success>1</njobs_success><njobs_error>1</njobs_error>\
                <user_total_credit>1000000000000.5</user_total_credit><user_expavg_credit>1</user_expavg_credit>\
                <host_total_credit>3</host_total_credit><host_expavg_credit>2</host_expavg_credit><ended/>",
        tasks: &[("last", Fate::Failed)],
    },
];

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
}

/// Writes everything below `dir`, which must exist and be empty.
pub fn write(dir: &Path) -> io::Result<()> {
    let now = now();
    fs::write(dir.join("gui_rpc_auth.cfg"), format!("{PASSWORD}\n"))?;
    fs::set_permissions(dir.join("gui_rpc_auth.cfg"), fs::Permissions::from_mode(0o600))?;
    fs::write(dir.join("cc_config.xml"), cc_config())?;
    fs::write(dir.join("global_prefs_override.xml"), PREFERENCES)?;
    fs::write(dir.join("all_projects_list.xml"), KNOWN_PROJECTS)?;
    fs::write(dir.join("daily_xfer_history.xml"), daily_transfers(now))?;
    fs::write(dir.join("client_state.xml"), client_state(now))?;
    fs::create_dir(dir.join("slots"))?;
    for project in &TABLE {
        let folder = folder(project.url);
        fs::write(dir.join(format!("account_{folder}.xml")), account(project))?;
        fs::write(dir.join(format!("statistics_{folder}.xml")), statistics(project, now))?;
        applications(&dir.join("projects").join(&folder))?;
    }
    Ok(())
}

/// Allows a peer that is neither 127.0.0.1 nor known at the start of the client. The client reads this at each
/// connection; written before the start it would listen on all interfaces.
pub fn allow_remote_host(dir: &Path, host: &str) -> io::Result<()> {
    fs::write(dir.join("remote_hosts.cfg"), format!("{host}\n"))
}

/// Turns on the event log's line for each request, which names the operation.
pub fn log_requests(dir: &Path) -> io::Result<()> {
    let config = cc_config().replace("<log_flags>", "<log_flags><gui_rpc_debug>1</gui_rpc_debug>");
    fs::write(dir.join("cc_config.xml"), config)
}

/// Lets the client live on after a restart: it writes command lines as they are and loses all after one with a `<`.
pub fn without_awkward_commands(dir: &Path) -> io::Result<()> {
    let file = dir.join("client_state.xml");
    fs::write(&file, fs::read_to_string(&file)?.replace("a&lt;b &amp;&amp; c", "a or b"))
}

/// Gives the first project so many tasks more, which wait.
pub fn with_more_tasks(dir: &Path, more: usize) -> io::Result<()> {
    let file = dir.join("client_state.xml");
    let state = fs::read_to_string(&file)?;
    let task = ("more", Fate::Runs);
    let (workunit, result) = (workunit(&task), result(&task, now()));
    let rows = |row: &str| (0..more).map(|n| row.replace("more", &format!("more_{n}"))).collect::<String>();
    let next = format!("<project><master_url>{}", PROJECTS[1]);
    fs::write(&file, state.replacen(&next, &[&rows(&workunit), &rows(&result), next.as_str()].concat(), 1))
}

/// The folder of a project: its URL without scheme, other characters as `_`.
fn folder(url: &str) -> String {
    url.trim_start_matches("https://").trim_end_matches('/').replace('/', "_")
}

/// As the client reads it.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn cc_config() -> String {
    format!(
        "<cc_config><log_flags><task>1</task></log_flags><options><ncpus>{CPUS}</ncpus>\
         <skip_cpu_benchmarks>1</skip_cpu_benchmarks><dont_contact_ref_site>1</dont_contact_ref_site>\
         <no_gpus>0</no_gpus><max_event_log_lines>777</max_event_log_lines><an_unknown_option>1</an_unknown_option>\
         <coproc><type>accelerator</type><count>2</count><device_nums>0 1</device_nums><peak_flops>1e12</peak_flops>\
         </coproc></options></cc_config>\n"
    )
}

/// Nothing here may suspend a task: the numbers of running tasks would depend on the computer.
const PREFERENCES: &str = "<global_preferences><run_on_batteries>1</run_on_batteries>\
<run_if_user_active>1</run_if_user_active><run_gpu_if_user_active>1</run_gpu_if_user_active>\
<suspend_cpu_usage>0</suspend_cpu_usage><leave_apps_in_memory>1</leave_apps_in_memory>\
<work_buf_min_days>0.25</work_buf_min_days><work_buf_additional_days>0.5</work_buf_additional_days>\
<max_ncpus_pct>100</max_ncpus_pct><cpu_usage_limit>100</cpu_usage_limit><disk_max_used_gb>7.5</disk_max_used_gb>\
<disk_max_used_pct>99</disk_max_used_pct><disk_min_free_gb>0</disk_min_free_gb>\
<ram_max_used_busy_pct>95</ram_max_used_busy_pct><ram_max_used_idle_pct>95</ram_max_used_idle_pct>\
</global_preferences>\n";

const KNOWN_PROJECTS: &str = "<projects>\n\
<project>\n<name>Alpha &amp; Omega</name>\n<id>1</id>\n<url>https://alpha.invalid/boinc/</url>\n\
<web_url>https://alpha.invalid/</web_url>\n<general_area>Mathematics</general_area>\n\
<specific_area>Ends</specific_area>\n<description><![CDATA[A <b>test</b> & more]]></description>\n\
<home>Nowhere</home>\n<platforms>\n<name>x86_64-pc-linux-gnu</name>\n</platforms>\n</project>\n\
<account_manager>\n<name>Manager</name>\n<id>2</id>\n<url>https://manager.invalid/</url>\n\
<description>Manages</description>\n</account_manager>\n</projects>\n";

fn account(project: &Project) -> String {
    format!(
        "<account>\n<master_url>{}</master_url>\n<authenticator>{}</authenticator>\n\
         <project_name>{}</project_name>\n\
         <project_preferences>\n<resource_share>75</resource_share>\n</project_preferences>\n\
         <gui_urls>\n<gui_url>\n<name>Forum</name>\n<description>Talk &amp; more</description>\n\
         <url>{}forum?a=1&amp;b=2</url>\n</gui_url>\n</gui_urls>\n</account>\n",
        project.url,
        SECRETS[1],
        escape(project.name),
        project.url
    )
}

/// Three days; the client reads it line by line.
fn statistics(project: &Project, now: u64) -> String {
    let today = now / 86_400 * 86_400;
    let day = |age: u64| {
        format!(
            "<daily_statistics>\n<day>{}.000000</day>\n<user_total_credit>{}.5</user_total_credit>\n\
             <user_expavg_credit>{}.25</user_expavg_credit>\n<host_total_credit>{}.75</host_total_credit>\n\
             <host_expavg_credit>{}.125</host_expavg_credit>\n</daily_statistics>\n",
            today - age * 86_400,
            9000 - age * 100,
            90 - age,
            7000 - age * 50,
            70 - age
        )
    };
    let days = [3, 2, 1].map(day).concat();
    format!("<project_statistics>\n<master_url>{}</master_url>\n{days}</project_statistics>\n", project.url)
}

/// Days count from 1970 in the computer's time zone; two days back is the same day in all zones.
fn daily_transfers(now: u64) -> String {
    let day = now / 86_400;
    let row = |(day, up, down)| format!("<dx>\n<when>{day}</when>\n<up>{up}.5</up>\n<down>{down}.25</down>\n</dx>\n");
    let rows = [(day - 2, 1000, 6000), (day - 3, 2500, 7000), (day - 9, 1, 123_456_789)].map(row);
    format!("<daily_xfers>\n{}</daily_xfers>\n", rows.concat())
}

/// A script that lives no longer than the client, so that a killed client leaves nothing behind.
const WORKER: &str = "#!/bin/sh\nwhile kill -0 \"$PPID\" 2>/dev/null; do sleep 0.2; done\n";

fn applications(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for (name, text) in [("worker", WORKER), ("failing", "#!/bin/sh\nexit 42\n")] {
        fs::write(folder.join(name), text)?;
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o755))?;
    }
    fs::write(folder.join("output"), "out\n")?;
    fs::write(
        folder.join("app_info.xml"),
        "<app_info>\n\
         <app><name>worker</name><user_friendly_name>Worker &amp; Friends &lt;v2&gt;</user_friendly_name></app>\n\
         <app><name>failing</name><user_friendly_name>Fails</user_friendly_name>\
         <non_cpu_intensive>1</non_cpu_intensive></app>\n\
         <file_info><name>worker</name><executable/></file_info>\n\
         <file_info><name>failing</name><executable/></file_info>\n\
         <app_version><app_name>worker</app_name><version_num>101</version_num><flops>2.5e9</flops>\
         <cmdline>--expr \"a&amp;b\"</cmdline>\
         <file_ref><file_name>worker</file_name><main_program/></file_ref></app_version>\n\
         <app_version><app_name>worker</app_name><version_num>103</version_num><plan_class>accel</plan_class>\
         <avg_ncpus>0.05</avg_ncpus><flops>1e11</flops><coproc><type>accelerator</type><count>1</count></coproc>\
         <file_ref><file_name>worker</file_name><main_program/></file_ref></app_version>\n\
         <app_version><app_name>failing</app_name><version_num>100</version_num><avg_ncpus>0.01</avg_ncpus>\
         <flops>1e9</flops><file_ref><file_name>failing</file_name><main_program/></file_ref></app_version>\n\
         </app_info>\n",
    )
}

fn client_state(now: u64) -> String {
    let projects: String = TABLE.iter().map(|p| project(p, now)).collect();
    format!(
        "<client_state>\n<host_info><host_cpid>02e35d108fef933226487747c326208f</host_cpid>\
         <p_fpops>4245100250.752763</p_fpops><p_iops>96143762530.234589</p_iops><p_membw>1000000000</p_membw>\
         <p_calculated>{}</p_calculated></host_info>\n\
         <time_stats><on_frac>0.915</on_frac><connected_frac>0.5</connected_frac>\
         <cpu_and_network_available_frac>0.9</cpu_and_network_available_frac><active_frac>0.75</active_frac>\
         <gpu_active_frac>0.7</gpu_active_frac><total_start_time>1600000000</total_start_time>\
         <total_duration>5000000.25</total_duration><total_active_duration>4500000</total_active_duration>\
         <total_gpu_active_duration>4000000</total_gpu_active_duration><previous_uptime>86400.5</previous_uptime>\
         <last_update>{}</last_update></time_stats>\n\
         <net_stats><bwup>51234.5</bwup><avg_up>777777.5</avg_up><avg_time_up>{now}</avg_time_up>\
         <bwdown>251234.5</bwdown><avg_down>8888888.25</avg_down><avg_time_down>{now}</avg_time_down></net_stats>\n\
         {projects}\
         <platform_name>x86_64-pc-linux-gnu</platform_name><core_client_major_version>7</core_client_major_version>\
         <core_client_minor_version>20</core_client_minor_version><core_client_release>5</core_client_release>\n\
         <user_run_request>1</user_run_request><user_gpu_request>2</user_gpu_request>\
         <user_network_request>3</user_network_request>\n\
         <new_version_check_time>{now}</new_version_check_time>\
         <all_projects_list_check_time>{now}</all_projects_list_check_time>\n</client_state>\n",
        now - 1000,
        now - 60,
    )
}

fn project(project: &Project, now: u64) -> String {
    let files: String = project.tasks.iter().map(|t| file(project, t)).collect();
    let workunits: String = project.tasks.iter().map(workunit).collect();
    let results: String = project.tasks.iter().map(|t| result(t, now)).collect();
    format!(
        "<project><master_url>{url}</master_url><project_name>{name}</project_name><user_name>{user}</user_name>\
         <team_name>{team}</team_name><host_venue>home</host_venue>\
         <email_hash>{hash}</email_hash><cross_project_id>{cross}</cross_project_id><cpid_time>1600000000</cpid_time>\
         <user_create_time>1600000000</user_create_time><host_create_time>1610000000</host_create_time>\
         <userid>7</userid><teamid>99</teamid><hostid>4242</hostid><min_rpc_time>{later}.5</min_rpc_time>\
         <next_rpc_time>{latest}</next_rpc_time><rec>4267.417546</rec><rec_time>{past}</rec_time>\
         <resource_share>75</resource_share><last_rpc_time>{past}</last_rpc_time>\
         <scheduler_url>{url}cgi</scheduler_url>{extra}</project>\n{files}{workunits}{results}",
        url = project.url,
        name = escape(project.name),
        user = escape(project.user),
        team = escape(project.team),
        hash = SECRETS[2],
        cross = SECRETS[3],
        later = now + 7200,
        latest = now + 90_000,
        past = now - 3600,
        extra = project.extra,
    )
}

/// The file that a transfer of this task waits for.
fn file(project: &Project, (name, fate): &Task) -> String {
    match fate {
        Fate::Downloads => format!(
            "<file><name>in_{name}</name><nbytes>1000000</nbytes><max_nbytes>0</max_nbytes>\
             <md5_cksum>0123456789abcdef0123456789abcdef</md5_cksum><status>0</status>\
             <download_url>{}get?f=1&amp;g=2</download_url></file>\n",
            project.url
        ),
        Fate::Uploads => format!(
            "<file><name>output</name><nbytes>4</nbytes><max_nbytes>100000</max_nbytes><status>1</status>\
             <upload_url>{}put?x=1&amp;y=2</upload_url></file>\n",
            project.url
        ),
        _ => String::new(),
    }
}

fn workunit((name, fate): &Task) -> String {
    let app = if *fate == Fate::Fails { "failing" } else { "worker" };
    let input = match fate {
        Fate::Downloads => format!("<file_ref><file_name>in_{name}</file_name><open_name>in</open_name></file_ref>"),
        _ => String::new(),
    };
    format!(
        "<workunit><name>{name}</name><app_name>{app}</app_name><rsc_fpops_est>9000000000000</rsc_fpops_est>\
         <rsc_fpops_bound>90000000000000000</rsc_fpops_bound><rsc_memory_bound>1000000</rsc_memory_bound>\
         <rsc_disk_bound>1000000000</rsc_disk_bound>\
         <command_line>--seed 1 --expr \"a&lt;b &amp;&amp; c\"</command_line>{input}</workunit>\n"
    )
}

fn result((name, fate): &Task, now: u64) -> String {
    let past = now - 300;
    let (state, more) = match fate {
        Fate::Runs | Fate::Fails | Fate::Accelerated => (2, String::new()),
        Fate::Suspended => (2, "<suspended_via_gui/>".into()),
        Fate::Downloads => (1, String::new()),
        Fate::Uploads => (
            4,
            format!(
                "{}<file_ref><file_name>output</file_name><open_name>out</open_name></file_ref>",
                ended(0, "100.5", "110.25", past)
            ),
        ),
        Fate::Done => (5, format!("<ready_to_report/>{}", ended(0, "3600.25", "3700.5", past))),
        Fate::Failed => (3, format!("<ready_to_report/>{}", ended(197, "12.5", "14.25", past))),
        Fate::Aborted => (6, "<ready_to_report/><exit_status>203</exit_status>".into()),
    };
    let (version, plan) = match fate {
        Fate::Accelerated => (103, "<plan_class>accel</plan_class>"),
        Fate::Fails => (100, ""),
        _ => (101, ""),
    };
    format!(
        "<result><name>{name}_0</name><wu_name>{name}</wu_name><state>{state}</state>\
         <platform>x86_64-pc-linux-gnu</platform><version_num>{version}</version_num>{plan}{more}\
         <report_deadline>{}</report_deadline><received_time>{}</received_time></result>\n",
        now + 3 * 86_400,
        now - 7200
    )
}

fn ended(exit_status: i32, cpu: &str, elapsed: &str, at: u64) -> String {
    format!(
        "<exit_status>{exit_status}</exit_status><final_cpu_time>{cpu}</final_cpu_time>\
         <final_elapsed_time>{elapsed}</final_elapsed_time><completed_time>{at}</completed_time>"
    )
}
