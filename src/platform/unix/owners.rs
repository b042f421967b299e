//! Who may read a file, and how to let others do so.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// Comments above clients: how password files get to the user that runs the exporter.
pub const HOW_TO_HAND_OVER: &str = "\
# Each password is in its password_file. Only you can read these files: give them to the user that runs the
# exporter (chown).
";

/// Comments above clients: how password files are made.
pub const HOW_TO_KEEP_PRIVATE: &str = "\
# Passwords are not included. Put each one in its password_file, in the directory of this file, as the only
# line: `install -m 600 /dev/null FILE`, then edit FILE. Or use --passwords-dir.
";

/// How a file is kept from others: part of a sentence.
pub const HOW_TO_PROTECT: &str = "chmod go-w FILE";

const GROUPS: &str = "/etc/group";

/// A sentence: who can read the file, and so what to change. `shown` is its path, `name` what it is.
#[must_use]
pub fn cannot_read(file: &Path, shown: &str, name: &str) -> String {
    let Ok(metadata) = file.metadata() else {
        return format!(
            "the exporter's user cannot access the directory of the {name} {shown}: change the directory's mode or group"
        );
    };
    let group = name_of(Path::new(GROUPS), metadata.gid());
    if metadata.mode() & 0o040 != 0 {
        return format!(
            "the exporter's user cannot read the {name} {shown}, but group {group} can: \
             add the user to that group and restart the exporter"
        );
    }
    let user = name_of(Path::new("/etc/passwd"), metadata.uid());
    format!(
        "only user {user} can read the {name} {shown}: let its group, {group}, read it (chmod g+r) and add the \
         exporter's user to that group, or give the exporter its own copy"
    )
}

/// How to permit reading what lies at a path: the end of a sentence.
#[must_use]
pub fn remedy(path: &Path) -> String {
    let group = path.metadata().map_or_else(|_| "`boinc`".to_owned(), |found| name_of(Path::new(GROUPS), found.gid()));
    format!("add the user to group {group} and restart the exporter")
}

/// The name of a user or group in a file of lines `name:password:id:…`, or the number if it is not listed.
fn name_of(names: &Path, id: u32) -> String {
    let names = fs::read_to_string(names).unwrap_or_default();
    let number = id.to_string();
    let name = names.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == number).then_some(name)
    });
    name.map_or(number.clone(), |name| format!("`{name}`"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// `cannot_read` is called directly, because tests that run as root are never denied anything.
    #[test]
    fn it_says_who_can_read() {
        use std::os::unix::fs::PermissionsExt as _;

        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("pw");
        fs::write(&file, "").unwrap();
        let metadata = file.metadata().unwrap();
        let group = name_of(Path::new("/etc/group"), metadata.gid());
        let user = name_of(Path::new("/etc/passwd"), metadata.uid());
        let text = |mode| {
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
            let text = cannot_read(&file, &file.display().to_string(), "password file")
                .replace(&dir.path().display().to_string(), "DIR");
            text.replace(&group, "GROUP").replace(&user, "USER")
        };
        // A user may have the same name as the group: then both are replaced by the same word.
        let text = |mode| text(mode).replace("user GROUP", "user USER");
        insta::assert_snapshot!(text(0o640), @"the exporter's user cannot read the password file DIR/pw, but group GROUP can: add the user to that group and restart the exporter");
        insta::assert_snapshot!(text(0o600), @"only user USER can read the password file DIR/pw: let its group, GROUP, read it (chmod g+r) and add the exporter's user to that group, or give the exporter its own copy");
        insta::assert_snapshot!(cannot_read(Path::new("/nonexistent/pw"), "/nonexistent/pw", "password file"), @"the exporter's user cannot access the directory of the password file /nonexistent/pw: change the directory's mode or group");
    }

    #[test]
    fn ids_have_names() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "root:x:0:\nbroken\nboinc:x:117:alice,bob\n").unwrap();
        assert_eq!(name_of(file.path(), 117), "`boinc`");
        assert_eq!(name_of(file.path(), 17), "17");
    }
}
