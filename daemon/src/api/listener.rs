//! Where clients connect.

use std::{io, net::SocketAddr};
use tokio::net::{TcpListener, TcpSocket};

/// Clients that may wait to be accepted. After a restart all come back at once, and whoever finds no room here tries
/// again a second later at the earliest. The kernel has a bound of its own (`net.core.somaxconn`).
const BACKLOG: u32 = 4096;

/// Listens for clients. Belongs into a runtime.
///
/// # Errors
/// When the address cannot be had.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // Connections of the last run that still come to their end do not keep a new one from its address.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
