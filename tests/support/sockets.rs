//! What Linux knows of the TCP connections of this computer, end by end: events that neither side is told of.

use std::net::{IpAddr, SocketAddr};

/// One end of a connection.
pub struct End {
    /// Whether its program has it open, and has not closed it.
    pub is_open: bool,
    /// Bytes that were written here and have not arrived at the other end.
    pub under_way: u64,
    /// Bytes that have arrived and were not read.
    pub unread: u64,
}

/// The end at `here` of the connection to `there`; nothing if it is gone.
///
/// # Panics
/// When it is not of IPv4.
pub fn end(here: SocketAddr, there: SocketAddr) -> Option<End> {
    const ESTABLISHED: &str = "01";
    let sockets = std::fs::read_to_string("/proc/net/tcp").expect("Linux tells of all sockets");
    let addresses = [here, there].map(in_hexadecimal);
    let columns = sockets.lines().map(|line| line.split_whitespace().skip(1).take(4).collect::<Vec<_>>());
    let columns = columns.filter(|columns| columns.len() == 4).find(|columns| columns[..2] == addresses)?;
    let (written, received) = columns[3].split_once(':').expect("two queues");
    let [under_way, unread] = [written, received].map(|bytes| u64::from_str_radix(bytes, 16).expect("a number"));
    Some(End { is_open: columns[2] == ESTABLISHED, under_way, unread })
}

/// An address as `/proc/net/tcp` has it.
fn in_hexadecimal(address: SocketAddr) -> String {
    let IpAddr::V4(ip) = address.ip() else { panic!("{address} is not of IPv4") };
    format!("{:08X}:{:04X}", u32::from_ne_bytes(ip.octets()), address.port())
}
