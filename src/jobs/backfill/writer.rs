//! A file of samples with their times, and with the labels that Prometheus would have added to what it scraped.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use memchr::memchr;

use crate::cli::Label;

/// What Prometheus adds to what it scrapes of an exporter at its usual place, as the README tells it to.
const USUAL: [(&str, &str); 2] = [("job", "boinc"), ("instance", "localhost:31415")];

/// The file that is being written. It is removed again unless it is finished.
pub struct Writer {
    out: BufWriter<Box<dyn Write + Send>>,
    file: Option<PathBuf>,
    /// `job="boinc",`, say.
    labels: String,
    samples: u64,
}

impl Writer {
    /// Creates the file, or writes to stdout. The labels come beside, or in place of, the usual `job` and `instance`; an
    /// empty one is none.
    ///
    /// # Errors
    /// A sentence: the file exists, or cannot be created.
    pub fn create(file: Option<&Path>, labels: &[Label]) -> anyhow::Result<Self> {
        let out: Box<dyn Write + Send> = match file {
            None => Box::new(io::stdout()),
            Some(path) => Box::new(create(path)?),
        };
        let usual = USUAL.into_iter();
        let all: BTreeMap<&str, &str> = usual.chain(labels.iter().map(|(name, value)| (&**name, &**value))).collect();
        let set = all.into_iter().filter(|(_, value)| !value.is_empty());
        let pairs: Vec<_> = set.map(|(name, value)| format!("{name}=\"{}\",", escape(value))).collect();
        // Each of millions of lines is a write.
        let out = BufWriter::with_capacity(1 << 20, out);
        Ok(Self { out, file: file.map(Path::to_owned), labels: pairs.concat(), samples: 0 })
    }

    /// Lines that begin with `#`.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn comment(&mut self, lines: &str) -> io::Result<()> {
        self.out.write_all(lines.as_bytes())
    }

    /// A series as it is exposed, with the labels added.
    #[must_use]
    pub fn labelled(&self, series: &str) -> String {
        match series.split_once('{') {
            Some((name, labels)) => format!("{name}{{{}{labels}", self.labels),
            None => format!("{series}{{{}}}", self.labels.trim_end_matches(',')),
        }
    }

    /// A sample of such a series.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn sample(&mut self, labelled: &str, value: &str, time: u64) -> io::Result<()> {
        self.samples += 1;
        writeln!(self.out, "{labelled} {value} {time}")
    }

    /// All samples of an exposition, which are of this time. The lines are not read but for where the labels begin: there
    /// are millions.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn exposition(&mut self, text: &str, time: u64) -> io::Result<()> {
        let end = format!(" {time}\n");
        let mut rest = text.as_bytes();
        while let Some(length) = memchr(b'\n', rest) {
            let line = &rest[..length];
            rest = &rest[length + 1..];
            // Every sample of a client has labels.
            if line.first() != Some(&b'#')
                && let Some(brace) = memchr(b'{', line)
            {
                let (name, labels) = line.split_at(brace + 1);
                for part in [name, self.labels.as_bytes(), labels, end.as_bytes()] {
                    self.out.write_all(part)?;
                }
                self.samples += 1;
            }
        }
        Ok(())
    }

    /// Ends the file. Returns how many samples it has.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn finish(mut self) -> io::Result<u64> {
        self.out.write_all(b"# EOF\n")?;
        self.out.flush()?;
        self.file = None;
        Ok(self.samples)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if let Some(file) = &self.file {
            // Best effort: the error that matters is on its way.
            let _ = fs::remove_file(file);
        }
    }
}

fn create(file: &Path) -> anyhow::Result<File> {
    let shown = file.display();
    match File::create_new(file) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            anyhow::bail!("{shown} exists already; name another file, or delete it first")
        }
        opened => opened
            .with_context(|| format!("cannot create {shown}: does its folder exist, and may this user write there")),
    }
}

fn escape(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
