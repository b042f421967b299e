//! Average credit falls while nobody looks: a server writes it down when credit comes, and leaves it to the reader to let it
//! fall until now (`lib/util.cpp`, `update_average`). Numbers come in; a number goes out.

/// The average halves in this time, seconds: a week.
const HALF_LIFE: f64 = 7.0 * 86_400.0;

/// What an average of `time` is worth `now`, both Unix seconds. Unknown if its time is; a server whose clock is ahead does
/// not make it grow.
#[must_use]
pub fn average_now(average: Option<f64>, time: Option<f64>, now: f64) -> Option<f64> {
    let age = (now - time.filter(|time| *time > 0.0)?).max(0.0);
    Some(average? * (-age / HALF_LIFE).exp2())
}
