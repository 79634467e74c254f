//! Binds the ports of `cannery serve`: one for the stubs, and one for the admin API if an option specifies it.

use std::net::SocketAddr;
use std::sync::Arc;

use cannery::engine::Engine;
use cannery::server::{Server, ServerSettings};

use crate::address::BoundAddresses;
use crate::args::AdminLocation;
use crate::exit::Failure;
use crate::log::RequestLog;

/// The servers, bound but not running yet.
pub struct BoundServers {
    /// The stubs, and the admin API if it has no port of its own.
    pub server: Server,
    /// The admin API, if it has a port of its own.
    pub admin: Option<Server>,
    /// Where they listen.
    pub addresses: BoundAddresses,
}

impl BoundServers {
    /// Binds the port of the stubs, and the port of the admin API if it has one.
    ///
    /// # Errors
    /// If one of them cannot be bound.
    pub fn bind(
        address: SocketAddr,
        admin: AdminLocation,
        engine: &Arc<Engine>,
        settings: ServerSettings,
        log: Arc<RequestLog>,
    ) -> Result<BoundServers, Failure> {
        let bind = |option, address| {
            let server = Server::bind(address, engine.clone(), settings.clone(), log.clone());
            server.map_err(|error| Failure::Listen(option, address, error))
        };
        let stubs = || bind("--port", address);
        let (server, own, path) = match admin {
            AdminLocation::Off => (stubs()?, None, None),
            AdminLocation::FirstPort(admin) => {
                let path = admin.path.clone();
                (stubs()?.with_admin(admin), None, Some(path))
            }
            AdminLocation::OwnPort(at, admin) => {
                let own = || bind("--admin-port", at);
                // A port that the system chooses is bound last, because the system might choose the port of the other server.
                let (server, own) = if address.port() == 0 {
                    let own = own()?;
                    (stubs()?, own)
                } else {
                    (stubs()?, own()?)
                };
                let path = admin.path.clone();
                (server, Some(own.with_admin_only(admin)), Some(path))
            }
        };
        let bound = server.local_addr().map_err(Failure::System)?;
        let admin_bound = own.as_ref().map_or(Ok(bound), Server::local_addr).map_err(Failure::System)?;
        let addresses = BoundAddresses { stubs: bound, admin: path.map(|path| (admin_bound, path)) };
        Ok(BoundServers { server, admin: own, addresses })
    }
}
