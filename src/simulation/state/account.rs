//! The account that all clients of a scenario share at a project: what identifies it, and what gives access to it.

use super::ProjectServer;

/// The password of every account.
pub const PASSWORD: &str = "simulated";

/// An account's ids.
#[derive(Debug)]
pub struct Ids {
    /// Hash of the e-mail address.
    pub email: md5::Digest,
    /// Cross-project id, the same at all projects.
    pub cross_project: md5::Digest,
    /// External id, which projects publish.
    pub external: md5::Digest,
}

impl Ids {
    /// Derives all of them from the e-mail address.
    #[must_use]
    pub fn of(server: &ProjectServer) -> Self {
        let email = md5::compute(server.email_address());
        let cross_project = md5::compute(email.as_ref());
        let external = md5::compute([cross_project.as_ref(), email.as_ref()].concat());
        Self { email, cross_project, external }
    }
}

impl ProjectServer {
    /// The e-mail address of the account, from the user's name.
    #[must_use]
    pub fn email_address(&self) -> String {
        let name = self.user_name.to_lowercase();
        let words: Vec<_> = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
        format!("{}@example.org", words.join("."))
    }

    /// The account key.
    #[must_use]
    pub fn authenticator(&self) -> String {
        format!("{:x}", md5::compute(format!("key {} {}", self.url, self.user_name)))
    }

    /// What a client sends in place of the password: `get_passwd_hash` in the client.
    #[must_use]
    pub fn passwd_hash(&self) -> String {
        format!("{:x}", md5::compute(format!("{PASSWORD}{}", self.email_address())))
    }
}
