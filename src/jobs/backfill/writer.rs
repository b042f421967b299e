//! A file of samples with timestamps, and with the labels that Prometheus would have added when it scraped them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use memchr::memchr;

use crate::cli::Label;

/// The labels that Prometheus adds with the configuration in the README.
const DEFAULT_LABELS: [(&str, &str); 2] = [("job", "boinc"), ("instance", "localhost:31415")];

/// A file that is being written. It is removed unless it is finished.
pub struct Writer {
    out: BufWriter<Box<dyn Write + Send>>,
    file: Option<PathBuf>,
    /// For example, `job="boinc",`.
    labels: String,
    samples: u64,
}

impl Writer {
    /// Creates the file, or writes to stdout. The labels are added to the default `job` and `instance`, or replace them; an
    /// empty value removes a label.
    ///
    /// # Errors
    /// The file exists, or cannot be created.
    pub fn create(file: Option<&Path>, labels: &[Label]) -> anyhow::Result<Self> {
        let out: Box<dyn Write + Send> = match file {
            None => Box::new(io::stdout()),
            Some(path) => Box::new(create(path)?),
        };
        let defaults = DEFAULT_LABELS.into_iter();
        let all: BTreeMap<&str, &str> =
            defaults.chain(labels.iter().map(|(name, value)| (&**name, &**value))).collect();
        let set = all.into_iter().filter(|(_, value)| !value.is_empty());
        let pairs: Vec<_> = set.map(|(name, value)| format!("{name}=\"{}\",", escape(value))).collect();
        // There are millions of lines, each of which is a write.
        let out = BufWriter::with_capacity(1 << 20, out);
        Ok(Self { out, file: file.map(Path::to_owned), labels: pairs.concat(), samples: 0 })
    }

    /// Writes lines that begin with `#`.
    ///
    /// # Errors
    /// Writing failed.
    pub fn comment(&mut self, lines: &str) -> io::Result<()> {
        self.out.write_all(lines.as_bytes())
    }

    /// A series of an exposition, with the labels added.
    #[must_use]
    pub fn labelled(&self, series: &str) -> String {
        match series.split_once('{') {
            Some((name, labels)) => format!("{name}{{{}{labels}", self.labels),
            None => format!("{series}{{{}}}", self.labels.trim_end_matches(',')),
        }
    }

    /// Writes a sample of such a series.
    ///
    /// # Errors
    /// Writing failed.
    pub fn sample(&mut self, labelled: &str, value: &str, time: u64) -> io::Result<()> {
        self.samples += 1;
        writeln!(self.out, "{labelled} {value} {time}")
    }

    /// Writes all samples of an exposition with this timestamp. Because there are millions of lines, they are not parsed beyond
    /// the start of their labels.
    ///
    /// # Errors
    /// Writing failed.
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

    /// Completes the file and returns the number of its samples.
    ///
    /// # Errors
    /// Writing failed.
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
            // Best effort; the first error is the one to report.
            let _ = fs::remove_file(file);
        }
    }
}

fn create(file: &Path) -> anyhow::Result<File> {
    let shown = file.display();
    match File::create_new(file) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            anyhow::bail!("{shown} already exists; choose another file or delete it first")
        }
        opened => {
            opened.with_context(|| format!("cannot create {shown}; check that its directory exists and is writable"))
        }
    }
}

fn escape(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
