//! Durations and times as people write them. Each message is the end of a sentence that starts with the key or the flag.

use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

use humantime_serde::re::humantime;
use serde::de::{Deserializer, Error, IntoDeserializer, Unexpected, Visitor};
use serde::ser::Serializer;

/// Longer durations are mistakes, and some could not be added to a time.
const MAX: Duration = Duration::from_secs(366 * 24 * 3600);

const DURATION: &str =
    "a duration such as \"10s\", \"500ms\" or \"1h 30m\", or a number of seconds, of at most 366 days";

/// Later times cannot be formatted.
const YEAR_9999: u64 = 253_370_764_800;

/// A duration: text with units, or a number of seconds.
///
/// # Errors
/// It is not a duration, or longer than a year.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    deserializer.deserialize_any(DurationVisitor)
}

/// Writes a duration as [`deserialize`] reads it.
///
/// # Errors
/// Only those of the serializer.
pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&humantime::format_duration(*duration))
}

/// A duration on the command line.
///
/// # Errors
/// The end of a sentence that starts with the flag.
pub fn parse(text: &str) -> Result<Duration, String> {
    deserialize(text.into_deserializer()).map_err(|error: serde::de::value::Error| error.to_string())
}

/// A time on the command line, in UTC: a date, a date and time, or a Unix timestamp.
///
/// # Errors
/// The end of a sentence that starts with the flag.
pub fn parse_time(text: &str) -> Result<u64, String> {
    let timestamp = match text.parse() {
        // Prometheus shows timestamps with a fraction.
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        Err(_) => humantime::parse_rfc3339_weak(text)
            .or_else(|_| humantime::parse_rfc3339_weak(&format!("{text} 00:00:00")))
            .ok()
            .and_then(|time| time.duration_since(UNIX_EPOCH).ok()),
    };
    timestamp.map(|time| time.as_secs()).filter(|time| *time < YEAR_9999).ok_or_else(|| {
        "must be a date such as 2026-11-20, a time such as 2026-11-20T08:00:00Z, or a Unix timestamp".to_owned()
    })
}

struct DurationVisitor;

impl Visitor<'_> for DurationVisitor {
    type Value = Duration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(DURATION)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Duration, E> {
        let seconds = text.parse::<f64>().ok().map(Duration::try_from_secs_f64);
        let duration = match seconds {
            Some(seconds) => seconds.ok(),
            None => humantime::parse_duration(text).ok(),
        };
        duration.filter(|time| *time <= MAX).ok_or_else(|| E::custom(format!("is \"{text}\", but must be {DURATION}")))
    }

    fn visit_f64<E: Error>(self, seconds: f64) -> Result<Duration, E> {
        let duration = Duration::try_from_secs_f64(seconds).ok().filter(|time| *time <= MAX);
        duration.ok_or_else(|| E::invalid_value(Unexpected::Float(seconds), &self))
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<Duration, E> {
        let duration = Some(Duration::from_secs(seconds)).filter(|time| *time <= MAX);
        duration.ok_or_else(|| E::invalid_value(Unexpected::Unsigned(seconds), &self))
    }

    fn visit_i64<E: Error>(self, seconds: i64) -> Result<Duration, E> {
        let positive = u64::try_from(seconds).map_err(|_| E::invalid_value(Unexpected::Signed(seconds), &self))?;
        self.visit_u64(positive)
    }
}
