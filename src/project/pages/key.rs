//! `lookup_account.php`: the key of an account, for its e-mail address and a hash of its password. Asked only by the command
//! `login`: servers answer a wrong password after five seconds on purpose.

use secrecy::SecretString;

use super::answer::{Answer, Page};
use super::document::Document;
use super::fault::Fault;
use crate::markup::element::{Value, element};
use crate::markup::reader::{Escaping, Reader, Tag};

/// Bytes of an answer.
pub const MAX_BODY: usize = 1 << 16;

element! {
    /// `account_out`.
    AccountOut {
        /// The key.
        authenticator: Key,
    }
    not_read { "success" }
}

/// The key of an account. It does not show itself.
#[derive(Debug, Clone, Default)]
pub struct Key(pub Option<SecretString>);

impl Value for Key {
    fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
        let text = reader.leaf(tag, Escaping::Escaped).and_then(|text| str::from_utf8(text.trim_ascii()).ok());
        self.0 = text.filter(|text| !text.is_empty()).map(SecretString::from);
    }
}

/// Reads an answer.
///
/// # Errors
/// Fails if it is something else.
pub fn read(answer: &Answer<'_>) -> Result<Page<AccountOut>, Fault> {
    Document::read(answer, &["account_out"])?.into_page(answer, |_: &AccountOut| 0)
}
