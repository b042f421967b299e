//! `boinc_mmap_file`: eight channels through which the client and an application talk while it runs. Bytes come in; what each
//! side said last goes out. The file is read, never mapped and never written: its flags are the two sides' own.

use super::text::{AppStatus, Heartbeat, inside};

/// Bytes of the file. Of another size it was not finished, or is not of BOINC.
pub const SIZE: usize = 8 * CHANNEL;

/// Bytes of a channel: a flag, and a text up to its first zero.
const CHANNEL: usize = 1024;

/// Places of the channels.
const CONTROL: usize = 0;
const HEARTBEAT: usize = 4;
const APP_STATUS: usize = 5;

/// What the two sides said last.
#[derive(Debug, Clone, Default)]
pub struct Channel {
    /// The client's last request.
    pub request: Option<Request>,
    /// Whether the application has not taken it yet.
    pub is_pending: bool,
    /// The client's last sign of life.
    pub heartbeat: Heartbeat,
    /// The application's last message, as it is written: a change of it proves that something runs.
    pub text: Vec<u8>,
    /// The same, read.
    pub status: AppStatus,
}

/// A request of the client to an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Request {
    /// Pause.
    Suspend,
    /// Go on.
    Resume,
    /// End, to be started again.
    Quit,
    /// End for ever.
    Abort,
    /// Read `init_data.xml` again, which was written anew.
    Reread,
}

impl Request {
    /// All that are exported while they wait, with their names in BOINC.
    pub const ALL: [Self; 5] = [Self::Suspend, Self::Resume, Self::Quit, Self::Abort, Self::Reread];

    /// The value of the label.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Quit => "quit",
            Self::Abort => "abort",
            Self::Reread => "reread_app_info",
        }
    }
}

impl Channel {
    /// What stands in a file of the right size.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != SIZE {
            return None;
        }
        let (flag, request) = channel(bytes, CONTROL)?;
        let request = Request::ALL.into_iter().find(|known| request == format!("<{}/>", known.name()).as_bytes());
        let (_, heartbeat) = channel(bytes, HEARTBEAT)?;
        let (_, status) = channel(bytes, APP_STATUS)?;
        Some(Self {
            is_pending: flag == 1 && request.is_some(),
            request,
            heartbeat: inside(heartbeat, "heartbeat_message"),
            text: status.to_vec(),
            status: inside(status, "app_status"),
        })
    }
}

/// Flag and text of a channel. What stands behind the first zero is the rest of longer texts of earlier.
fn channel(bytes: &[u8], number: usize) -> Option<(u8, &[u8])> {
    let (flag, text) = bytes.get(number * CHANNEL..)?.get(..CHANNEL)?.split_first()?;
    let end = memchr::memchr(0, text).unwrap_or(text.len());
    Some((*flag, &text[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(channels: &[(usize, u8, &[u8])]) -> Vec<u8> {
        let mut bytes = vec![0; SIZE];
        for (number, flag, text) in channels {
            bytes[number * CHANNEL] = *flag;
            bytes[number * CHANNEL + 1..][..text.len()].copy_from_slice(text);
        }
        bytes
    }

    #[test]
    fn the_rest_of_longer_texts_is_not_read() {
        let heartbeat = b"<heartbeat/><wss>2.56e+06</wss><max_wss>7.582954e+09</max_wss>";
        let status =
            b"<current_cpu_time>8.790223e+01</current_cpu_time>\n<fraction_done>nan</fraction_done>\n\0<wss>1</wss>";
        let file = file(&[(0, 1, b"<quit/>\0>"), (4, 0, heartbeat), (5, 1, status)]);
        let channel = Channel::read(&file).unwrap();
        assert_eq!((channel.request, channel.is_pending), (Some(Request::Quit), true));
        assert_eq!((channel.heartbeat.wss, channel.heartbeat.max_wss), (Some(2.56e6), Some(7.582_954e9)));
        let AppStatus { current_cpu_time, checkpoint_cpu_time, fraction_done, wss, .. } = channel.status;
        assert_eq!((current_cpu_time, checkpoint_cpu_time, fraction_done, wss), (Some(87.90223), None, None, None));
    }

    #[test]
    fn files_of_other_sizes_and_unknown_requests_say_nothing() {
        for size in [0, 1, SIZE - 1, SIZE + 1] {
            assert!(Channel::read(&vec![b'<'; size]).is_none(), "{size}");
        }
        let channel = Channel::read(&file(&[(0, 1, b"<network_available/>")])).unwrap();
        assert_eq!((channel.request, channel.is_pending), (None, false));
        assert!(Channel::read(&vec![b'<'; SIZE]).is_some());
    }
}
