//! Runs the build stage of the Dockerfile without a container: the files that `.dockerignore` lets through, then each
//! `COPY` and `RUN` in order, in a folder that stands for the working directory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::unoptimized;

/// One instruction, with its continuation lines.
pub struct Instruction {
    pub name: String,
    pub rest: String,
}

/// The build stage after its last instruction.
pub struct Stage {
    folder: PathBuf,
    binary: PathBuf,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The Dockerfile.
pub fn read() -> String {
    fs::read_to_string(root().join("Dockerfile")).expect("the Dockerfile is there")
}

/// The instructions in order, without comments.
pub fn instructions(text: &str) -> Vec<Instruction> {
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let joined = lines.join("\n").replace("\\\n", " ");
    let instruction = |line: &str| {
        let (name, rest) = line.split_once(' ')?;
        Some(Instruction { name: name.to_owned(), rest: rest.trim().to_owned() })
    };
    joined.lines().filter_map(instruction).collect()
}

/// The variables that an `ENV` sets, as does a line `Environment=` of a unit.
pub fn environment(rest: &str) -> Vec<(String, String)> {
    let variable = |word: &str| {
        let (name, value) = word.split_once('=').expect("this test knows NAME=VALUE only");
        (name.to_owned(), value.to_owned())
    };
    rest.split_whitespace().map(variable).collect()
}

impl Stage {
    /// Runs the build stage below this folder, which keeps the compiled dependencies for the next time.
    ///
    /// # Panics
    /// When an instruction is unknown or fails.
    pub fn build(folder: &Path, revision: &str) -> Self {
        let (context, work) = (folder.join("context"), folder.join("work"));
        check_out(&context);
        fs::create_dir_all(&work).expect("target/ is writable");
        for entry in fs::read_dir(&work).expect("it was made").map(|entry| entry.expect("an entry").path()) {
            if entry.file_name().is_some_and(|name| name != "target") {
                if entry.is_dir() { fs::remove_dir_all(entry) } else { fs::remove_file(entry) }.expect("it is ours");
            }
        }
        let (mut directory, mut variables, mut binary) = (String::new(), Vec::new(), None);
        for Instruction { name, rest } in instructions(&read()) {
            match name.as_str() {
                "FROM" | "LABEL" | "USER" | "EXPOSE" | "HEALTHCHECK" | "ENTRYPOINT" => {}
                "WORKDIR" => directory = rest,
                "ARG" => variables.push((rest.split('=').next().expect("a name").to_owned(), revision.to_owned())),
                "ENV" => variables.extend(environment(&rest)),
                "COPY" if rest.starts_with("--from=build ") => {
                    let path = rest.split_whitespace().nth(1).expect("what to copy");
                    let path = path.strip_prefix(&format!("{directory}/")).expect("it is below the working directory");
                    binary = Some(work.join(path));
                }
                "COPY" => copy(&context, &work, &rest),
                "RUN" => run(&work, &rest, &variables),
                other => panic!("the Dockerfile has an instruction that this test does not know: {other} {rest}"),
            }
        }
        Self { folder: work, binary: binary.expect("the last stage takes the program from the first") }
    }

    /// The program that goes into the image.
    pub fn binary(&self) -> &Path {
        assert!(self.binary.starts_with(&self.folder) && self.binary.is_file(), "{} is missing", self.binary.display());
        &self.binary
    }
}

/// The files that are committed or about to be, of those that `.dockerignore` lets through, with their times.
fn check_out(context: &Path) {
    let ignored = fs::read_to_string(root().join(".dockerignore")).expect("it is there");
    let lines: Vec<_> = ignored.lines().filter(|line| !line.starts_with('#')).collect();
    let (first, rest) = lines.split_first().expect("a rule");
    assert_eq!(*first, "*", "this test knows only lists of what is let through");
    let through = rest.iter().map(|line| line.strip_prefix('!').expect("a name that is let through"));
    if context.exists() {
        fs::remove_dir_all(context).expect("it is ours");
    }
    fs::create_dir_all(context).expect("target/ is writable");
    let pipe = "git ls-files -z --cached --others --exclude-standard --deduplicate -- \"$@\" \
                | tar --create --null --files-from=- --ignore-failed-read \
                | tar --extract --directory \"$CONTEXT\"";
    let mut command = Command::new("sh");
    command.args(["-eu", "-c", pipe, "sh"]).args(through).current_dir(root()).env("CONTEXT", context);
    assert!(command.status().expect("sh starts").success(), "the sources cannot be copied");
}

fn copy(context: &Path, work: &Path, rest: &str) {
    let words: Vec<_> = rest.split_whitespace().collect();
    let (to, from) = words.split_last().expect("a destination");
    for source in from {
        // A folder is copied as what is in it, which is `cp -a FOLDER/. TO`.
        let path = context.join(source);
        let (path, to) = if path.is_dir() { (path.join("."), work.join(to)) } else { (path, work.join(to)) };
        fs::create_dir_all(&to).expect("target/ is writable");
        let status = Command::new("cp").arg("-a").arg(&path).arg(&to).status().expect("cp starts");
        assert!(status.success(), "COPY {rest}: {} cannot be copied", path.display());
    }
}

fn run(work: &Path, rest: &str, variables: &[(String, String)]) {
    let mut command = Command::new("sh");
    command.args(["-c", rest]).current_dir(work).env_remove("CARGO_TARGET_DIR").envs(variables.iter().cloned());
    // The instructions are on trial here, not the optimizer.
    unoptimized(&mut command);
    let output = command.output().expect("sh starts");
    assert!(output.status.success(), "RUN {rest}:\n{}", String::from_utf8_lossy(&output.stderr));
}
