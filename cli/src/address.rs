//! The addresses on which a server listens, and the ones at which clients on the same machine reach it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The addresses that `cannery serve` has bound.
pub struct BoundAddresses {
    /// The address of the stubs.
    pub stubs: SocketAddr,
    /// The address of the admin API and its path there.
    pub admin: Option<(SocketAddr, String)>,
}

/// Returns the address at which a client on this machine reaches a bound address. For `0.0.0.0` this is the loopback address.
pub fn reachable(bound: SocketAddr) -> SocketAddr {
    let ip = match bound.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, bound.port())
}
