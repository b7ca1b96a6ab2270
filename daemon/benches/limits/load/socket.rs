//! Sockets of clients.

use super::Reading;
use mio::net::TcpStream;
use socket2::{Domain, Protocol, Socket, Type};
use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::atomic::{AtomicUsize, Ordering},
};

/// Clients with one source address; ports of each are bounded, and rest for a minute after use.
const CLIENTS_PER_ADDRESS: usize = 2_000;
/// The kernel makes it its own minimum.
const SMALLEST_BUFFER: usize = 1;

/// Begins to connect, from an address of this machine that was not used lately.
pub(super) fn connect(to: SocketAddr, reading: Reading) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    if reading == Reading::Stalls {
        socket.set_recv_buffer_size(SMALLEST_BUFFER)?;
    }
    socket.bind(&SocketAddr::from((source(), 0)).into())?;
    match socket.connect(&to.into()) {
        // It goes on by itself.
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::INPROGRESS.raw_os_error()) => {}
        connected => connected?,
    }
    Ok(TcpStream::from_std(socket.into()))
}

/// Connects, from such an address.
pub(super) fn connected(to: SocketAddr) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    socket.bind(&SocketAddr::from((source(), 0)).into())?;
    socket.connect(&to.into())?;
    socket.set_nonblocking(true)?;
    Ok(TcpStream::from_std(socket.into()))
}

fn source() -> Ipv4Addr {
    static CONNECTIONS: AtomicUsize = AtomicUsize::new(0);
    let block = CONNECTIONS.fetch_add(1, Ordering::Relaxed) / CLIENTS_PER_ADDRESS;
    let [.., second, third] = block.to_be_bytes();
    Ipv4Addr::new(127, 1 + second, third, 1)
}
