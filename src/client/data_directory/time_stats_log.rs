//! `time_stats_log`: when the client ran, might compute and might use the network. Lines come in; changes with their times go out.
//! It does not know files.

/// What a client does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It does not run, or the computer is off.
    Off,
    /// It runs.
    On {
        /// Whether it may compute.
        computing: bool,
        /// Whether it may use the network, if it says so.
        network: Option<bool>,
    },
}

/// The log, as far as it was read. Its times go back by some seconds at times, it says twice that the client ended, and after a
/// crash it says so afterwards.
#[derive(Debug, Default)]
pub struct TimeStatsLog {
    changes: Vec<(f64, Presence)>,
    is_windows: bool,
}

impl TimeStatsLog {
    /// Reads a line.
    pub fn line(&mut self, line: &str) {
        let mut words = line.split_ascii_whitespace();
        let time = words.next().and_then(|time| time.parse::<f64>().ok());
        let (Some(time), Some(event)) = (time.filter(|time| time.is_finite() && *time > 0.0), words.next()) else {
            return;
        };
        if event == "platform" {
            self.is_windows = words.next().is_some_and(|name| name.starts_with("windows"));
        }
        let last = self.changes.last().copied();
        let before = last.map_or(Presence::Off, |(_, presence)| presence);
        let Some(now) = self.after(event, before).filter(|now| last.is_none() || *now != before) else { return };
        self.changes.push((last.map_or(time, |(before, _)| time.max(before)), now));
    }

    /// What the client does after an event, if that tells. A client that does not run is neither suspended nor resumed.
    fn after(&self, event: &str, before: Presence) -> Option<Presence> {
        match (event, before) {
            ("power_off", _) => Some(Presence::Off),
            // It tells of the network ten seconds later.
            ("power_on", _) => Some(Presence::On { computing: true, network: None }),
            ("proc_start", Presence::On { network, .. }) => Some(Presence::On { computing: true, network }),
            ("proc_stop", Presence::On { network, .. }) => Some(Presence::On { computing: false, network }),
            // Nobody but Windows tells whether there is a network: elsewhere the client knows only that it may use one
            // (`net_unknown`) or may not (`client/time_stats.cpp`, since 2007).
            ("net_connected" | "net_unknown", Presence::On { computing, .. }) => {
                Some(Presence::On { computing, network: Some(true) })
            }
            ("net_not_connected", Presence::On { computing, .. }) => {
                Some(Presence::On { computing, network: if self.is_windows { None } else { Some(false) } })
            }
            _ => None,
        }
    }

    /// What the client did, each time that it did something else, oldest first.
    #[must_use]
    pub fn changes(self) -> Vec<(f64, Presence)> {
        self.changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(log: &str) -> String {
        let mut read = TimeStatsLog::default();
        log.lines().for_each(|line| read.line(line));
        let shown = |(time, presence): (f64, Presence)| {
            let allowed = |word: &str, allowed| format!(" {}{word}", if allowed { "" } else { "no " });
            let presence = match presence {
                Presence::Off => " off".to_owned(),
                Presence::On { computing, network } => {
                    allowed("computing", computing) + &network.map(|n| allowed("network", n)).unwrap_or_default()
                }
            };
            format!("{time:.0}{presence}\n")
        };
        read.changes().into_iter().map(shown).collect()
    }

    #[test]
    fn what_a_client_does_although_its_times_go_back() {
        let log = "5 power_off\n9 power_on\n12 power_off\n9 power_off\n21 version 7.2.42\n21 power_on\n30 proc_stop\n30 proc_stop\n\
                   25 proc_start\nnan power_off\n-1 power_off\n40 power_off\n41 proc_start\n42 net_unknown\n43 odd\n44\n";
        insta::assert_snapshot!(changes(log), @r"
        5 off
        9 computing
        12 off
        21 computing
        30 no computing
        30 computing
        40 off
        ");
    }

    #[test]
    fn only_windows_knows_whether_there_is_a_network() {
        let events = "1 power_on\n2 net_unknown\n3 proc_stop\n4 net_not_connected\n5 net_connected\n6 proc_start\n";
        insta::assert_snapshot!(changes(&format!("1 platform x86_64-pc-linux-gnu\n{events}")), @r"
        1 computing
        2 computing network
        3 no computing network
        4 no computing no network
        5 no computing network
        6 computing network
        ");
        insta::assert_snapshot!(changes(&format!("1 platform windows_x86_64\n{events}")), @r"
        1 computing
        2 computing network
        3 no computing network
        4 no computing
        5 no computing network
        6 computing network
        ");
    }
}
