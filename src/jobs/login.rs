//! `boinc_exporter login`: looks up an account at a project, by its e-mail address and password, and prints the configuration that
//! watches it. Nothing at the project is changed. The password and its hash, which is as good as the password there, are only held
//! in memory.

use std::fmt::Write as _;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, absolute};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use secrecy::{ExposeSecret as _, SecretString};

use super::{print, write_secret};
use crate::project::collectors::Collectors;
use crate::project::fetch::{Request, Web};
use crate::project::pages::config::{self, ProjectConfig};
use crate::project::pages::user::{self, Names, User};
use crate::project::pages::{Answer, Fault, Page, key};
use crate::project::target::{MasterUrl, Target, parse_url};

/// Servers answer a wrong password after five seconds on purpose.
const PATIENCE: Duration = Duration::from_secs(60);

/// Looks up an account and prints its configuration.
///
/// # Errors
/// The project does not answer, or does not know the account.
pub async fn login(url: &str, web_rpc_url: Option<&str>, key_file: Option<&Path>) -> anyhow::Result<()> {
    let url = MasterUrl::parse(url).map_err(|problem| anyhow::anyhow!("the URL {problem}"))?;
    let web_rpc_url = web_rpc_url.map(parse_url).transpose();
    let web_rpc_url = web_rpc_url.map_err(|problem| anyhow::anyhow!("--web-rpc-url {problem}"))?;
    let target = Target { web_rpc_url, ..Target::new(url, Collectors::default()) };
    ensure!(
        target.takes_keys(),
        "the account key would be sent where anybody on the way can read it: write the URL with https://"
    );
    if let Some(file) = key_file {
        ensure!(!file.exists(), "{} exists already; remove it or choose another place for the key", file.display());
    }
    let web = Web::new(PATIENCE, None);
    let project = project(&web, &target).await?;
    let (email, password) = credentials(&project.name)?;
    let key = look_up(&web, &target, &email, &password).await?;
    drop(password);
    let account = account(&web, &target, &key).await?;
    if let Some(file) = key_file {
        write_secret(file, &key)?;
    }
    print(&configuration(&target, &project, &account, key_file)?)
}

/// Whether it is a project, and what it is called.
async fn project(web: &Web, target: &Target) -> anyhow::Result<ProjectConfig> {
    let url = target.page("get_project_config.php");
    let config = ask(web, Request::get(url, config::MAX_BODY), config::read).await;
    let config = config.with_context(|| format!("{} cannot be asked for accounts", target.url))?;
    ensure!(
        !config.account_manager,
        "{} is an account manager, not a project: give the address of a project",
        target.url
    );
    Ok(config)
}

/// The e-mail address and the password, from the terminal or from stdin.
fn credentials(project: &str) -> anyhow::Result<(String, SecretString)> {
    let stdin = io::stdin();
    let line = || -> anyhow::Result<String> {
        let mut line = String::new();
        stdin.lock().read_line(&mut line).context("what is on stdin is not valid UTF-8")?;
        line.truncate(line.trim_end_matches(['\r', '\n']).len());
        Ok(line)
    };
    let (email, password) = if stdin.is_terminal() {
        eprint!("E-mail address of your account at {project}: ");
        io::stderr().flush()?;
        (line()?, rpassword::prompt_password("Password: ")?)
    } else {
        (line()?, line()?)
    };
    let (email, password) = (email.trim().to_owned(), SecretString::from(password));
    ensure!(email.contains('@'), "the first line must be the e-mail address of the account");
    ensure!(!password.expose_secret().is_empty(), "the password is empty");
    Ok((email, password))
}

/// The key of the account.
async fn look_up(web: &Web, target: &Target, email: &str, password: &SecretString) -> anyhow::Result<SecretString> {
    let salted = SecretString::from(format!("{}{}", password.expose_secret(), email.to_lowercase()));
    let hash = SecretString::from(format!("{:x}", md5::compute(salted.expose_secret())));
    let mut url = target.page("lookup_account.php");
    url.query_pairs_mut().append_pair("email_addr", email).append_pair("passwd_hash", hash.expose_secret());
    let reply = web.send(Request::get(url, key::MAX_BODY)).await?;
    match key::read(&reply.answer()).map(|page| page.content.authenticator.0) {
        Ok(Some(key)) => Ok(key),
        Ok(None) => bail!("{} knows the account but sends no key", target.url),
        // BOINC's numbers: not found; wrong password; the address is none.
        Err(Fault { error_num: Some(-136 | -161), .. }) => {
            bail!("{} has no account with this e-mail address", target.url)
        }
        Err(Fault { error_num: Some(-206), .. }) => bail!("{} does not accept this password", target.url),
        Err(Fault { error_num: Some(-205), .. }) => bail!("{} says that this is no e-mail address", target.url),
        Err(fault) => Err(fault).with_context(|| format!("{} cannot look up accounts", target.url)),
    }
}

async fn account(web: &Web, target: &Target, key: &SecretString) -> anyhow::Result<User> {
    let mut url = target.page("show_user.php");
    url.query_pairs_mut().append_pair("auth", key.expose_secret()).append_pair("format", "xml");
    let read: fn(&Answer<'_>) -> _ = |answer| user::read(answer, Names::Drop);
    ask(web, Request::get(url, user::MAX_BODY), read)
        .await
        .context("the key was found, but the account cannot be shown")
}

async fn ask<T>(web: &Web, request: Request<'_>, read: fn(&Answer<'_>) -> Result<Page<T>, Fault>) -> anyhow::Result<T> {
    Ok(read(&web.send(request).await?.answer())?.content)
}

/// What to paste.
fn configuration(
    target: &Target,
    project: &ProjectConfig,
    user: &User,
    key_file: Option<&Path>,
) -> anyhow::Result<String> {
    let id = user.id.context("the project does not tell the number of the account")?;
    let mut text = format!("# {}: account {id}", one_line(&project.name));
    if let Some(credit) = user.total_credit {
        let _ = write!(text, " with {credit:.0} credits");
    }
    let computers = if user.hosts.len() == 1 { "computer" } else { "computers" };
    let _ = write!(text, " and {} {computers}\n[[projects]]\nurl = \"{}\"\n", user.hosts.len(), target.url);
    if let Some(url) = &target.web_rpc_url {
        let _ = writeln!(text, "web_rpc_url = \"{url}\"");
    }
    if let Some(file) = key_file {
        let file = absolute(file).unwrap_or_else(|_| file.to_owned());
        let file = toml::Value::from(file.display().to_string());
        let _ = writeln!(text, "account_key_file = {file}");
    } else {
        let _ = writeln!(text, "account = {id}");
        text.push_str("# With --key-file FILE the computers of the account can be watched too.\n");
    }
    if let Some(team) = user.teamid.filter(|team| *team > 0) {
        let _ = writeln!(text, "team = {team}");
    }
    Ok(text)
}

fn one_line(name: &str) -> String {
    name.replace(char::is_control, " ")
}
