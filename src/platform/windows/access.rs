//! Who may use a file: its access control list.
//! <https://learn.microsoft.com/en-us/windows/win32/secauthz/access-control-lists>

use std::io;
use std::path::Path;

use windows_permissions::constants::{AccessRights, AceFlags, AceType, SeObjectType, SecurityInformation};
use windows_permissions::utilities::current_process_sid;
use windows_permissions::wrappers::{GetNamedSecurityInfo, LookupAccountSid, SetNamedSecurityInfo};
use windows_permissions::{Ace, LocalBox, SecurityDescriptor, Sid};

use crate::platform::NOTHING;

/// Comments above clients: how password files get to the user that runs the exporter.
pub const HOW_TO_HAND_OVER: &str = "\
# Each password is in its password_file. Only you and administrators can read these files. For the service:
#   icacls FOLDER /grant \"*S-1-5-19:(OI)(CI)R\" /T
";

/// Comments above clients: how password files are made.
pub const HOW_TO_KEEP_PRIVATE: &str = "\
# Passwords are not included. Put each one in its password_file, in the directory of this file, as the only
# line, and keep it from others: icacls FILE /inheritance:r /grant \"*S-1-5-32-544:F\" \"*S-1-5-19:R\"
# Or use --passwords-dir.
";

/// How a file is kept from others: part of a sentence. The numbers are Administrators, SYSTEM and Users in every language.
pub const HOW_TO_PROTECT: &str = "icacls FILE /setowner \"*S-1-5-32-544\", then icacls FILE /inheritance:r /grant:r \
                                  \"*S-1-5-32-544:F\" \"*S-1-5-18:F\" \"*S-1-5-32-545:R\"";

/// Those who can do anything on this computer anyway: SYSTEM, Administrators, and who installs Windows' updates.
/// <https://learn.microsoft.com/en-us/windows-server/identity/ad-ds/manage/understand-security-identifiers>
const TRUSTED: [&str; 3] =
    ["S-1-5-18", "S-1-5-32-544", "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"];

/// A sentence: what to change. `shown` is the path of the file, `name` what it is.
#[must_use]
pub fn cannot_read(_: &Path, shown: &str, name: &str) -> String {
    format!(
        "the exporter's user cannot read the {name} {shown}: let it (icacls FILE /grant USER:R; the service is \
         *S-1-5-19), or give the exporter its own copy"
    )
}

/// How to permit reading what lies at a path: the end of a sentence.
#[must_use]
pub fn remedy(_: &Path) -> String {
    "let the exporter's user read it (icacls FILE /grant USER:R)".to_owned()
}

/// Who else may write the file that this program takes its orders from: the first of them. Anybody may make files in
/// `%ProgramData%`, and then owns them.
///
/// # Errors
/// Those of the system.
pub fn written_by_others(path: &Path) -> io::Result<Option<String>> {
    if path == Path::new(NOTHING) {
        return Ok(None);
    }
    let wanted = SecurityInformation::Owner | SecurityInformation::Dacl;
    let security = GetNamedSecurityInfo(path.as_os_str(), SeObjectType::SE_FILE_OBJECT, wanted)?;
    let own = current_process_sid()?;
    let is_trusted = |sid: &Sid| *sid == *own || TRUSTED.contains(&sid.to_string().as_str());
    // Who owns a file may change its list.
    if let Some(owner) = security.owner().filter(|owner| !is_trusted(owner)) {
        return Ok(Some(name(owner)));
    }
    // Without a list, everyone may do everything.
    let Some(list) = security.dacl() else { return Ok(Some("everyone".to_owned())) };
    let writers = (0..list.len()).filter_map(|index| list.get_ace(index)).filter(|entry| allows_to_write(entry));
    Ok(writers.filter_map(Ace::sid).find(|sid| !is_trusted(sid)).map(name))
}

fn allows_to_write(entry: &Ace) -> bool {
    let denies = matches!(
        entry.ace_type(),
        AceType::ACCESS_DENIED_ACE_TYPE
            | AceType::ACCESS_DENIED_CALLBACK_ACE_TYPE
            | AceType::ACCESS_DENIED_CALLBACK_OBJECT_ACE_TYPE
            | AceType::ACCESS_DENIED_OBJECT_ACE_TYPE
    );
    // FILE_WRITE_DATA and FILE_APPEND_DATA; and to become who may.
    let to_write = AccessRights::Bit1
        | AccessRights::Bit2
        | AccessRights::Delete
        | AccessRights::WriteDac
        | AccessRights::WriteOwner
        | AccessRights::GenericWrite
        | AccessRights::GenericAll;
    !denies && !entry.flags().contains(AceFlags::InheritOnly) && entry.mask().intersects(to_write)
}

fn name(sid: &Sid) -> String {
    match LookupAccountSid(sid) {
        Ok((name, domain)) if domain.is_empty() => name.display().to_string(),
        Ok((name, domain)) => format!(r"{}\{}", domain.display(), name.display()),
        Err(_) => sid.to_string(),
    }
}

/// Gives a folder, and what will be in it, to SYSTEM, Administrators and these: entries in SDDL such as `(A;OICI;FR;;;LS)`. Whoever
/// made it does not own it any more.
///
/// # Errors
/// Those of the system.
pub fn protect(folder: &Path, others: &str) -> io::Result<()> {
    set(folder, "O:BA", others)
}

/// Leaves a file or a folder, and what will be in it, to the user who runs this program, and administrators.
///
/// # Errors
/// Those of the system.
pub(super) fn keep_private(path: &Path) -> io::Result<()> {
    set(path, "", &format!("(A;OICI;FA;;;{})", current_process_sid()?))
}

/// <https://learn.microsoft.com/en-us/windows/win32/secauthz/security-descriptor-string-format>
fn set(path: &Path, owner: &str, others: &str) -> io::Result<()> {
    let security: LocalBox<SecurityDescriptor> =
        format!("{owner}D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA){others}").parse()?;
    let mut what = SecurityInformation::Dacl | SecurityInformation::ProtectedDacl;
    what.set(SecurityInformation::Owner, security.owner().is_some());
    let (path, kind) = (path.as_os_str(), SeObjectType::SE_FILE_OBJECT);
    SetNamedSecurityInfo(path, kind, what, security.owner(), None, security.dacl(), None)
}
