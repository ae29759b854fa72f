//! Connections, with what each must have set.
//!
//! Every socket gets `TCP_NODELAY`: an answer that is framed as an event goes out in two small writes, and with Nagle's
//! algorithm the second waits for the acknowledgement of the first, some 40 ms on loopback.

mod authority;
pub mod certificate;
pub mod guard;
mod hung_up;

pub use authority::host_and_port;
pub use hung_up::hung_up;

use crate::{Code, Error, Result};
use guard::{Forbidden, Guard};
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Listens on `address`. Port 0 takes a free port.
#[expect(clippy::disallowed_methods, reason = "this is the one place that listens")]
pub async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => Error::new(
            Code::AddressInUse,
            format!("{address} is taken by another process, perhaps by a hub that runs already"),
            "stop that process, or choose another address with --listen 127.0.0.1:0 (any free port)",
        ),
        _ => Error::new(
            Code::AddressInUse,
            format!("cannot listen on {address}: {error}"),
            "choose an address of this machine with --listen",
        ),
    })
}

/// Opens a connection to the Unix socket at `path`.
#[expect(clippy::disallowed_methods, reason = "this is the one place that connects")]
pub async fn connect_socket(path: &Path) -> std::io::Result<UnixStream> {
    UnixStream::connect(path).await
}

/// A Unix socket that listens. Its file goes with it.
pub struct Socket {
    listener: UnixListener,
    path: PathBuf,
    /// Device and number of the file, which tell it from one that took its place.
    file: Option<(u64, u64)>,
}

impl Socket {
    /// Listens at `path`, where nobody but the owner may connect. A file that an earlier process left is replaced; one
    /// where somebody listens is not, and neither is any that is no socket.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that listens")]
    pub fn listen(path: &Path) -> Result<Self> {
        let taken = |why: &str| {
            let message = format!("cannot listen at {}: {why}", path.display());
            Error::new(Code::AddressInUse, message, "stop the process that has it, or choose another path")
        };
        if let Ok(there) = std::fs::symlink_metadata(path) {
            if !there.file_type().is_socket() {
                return Err(taken("there is a file that is no socket"));
            }
            if std::os::unix::net::UnixStream::connect(path).is_ok() {
                return Err(taken("another process listens there, perhaps a hub that runs already"));
            }
        }
        // Made under another name, so that nobody can connect before it is known who may.
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{}", std::process::id()));
        let new = PathBuf::from(name);
        let failed = |error: std::io::Error| taken(&error.to_string());
        let listener = UnixListener::bind(&new).map_err(failed)?;
        let moved = std::fs::set_permissions(&new, std::fs::Permissions::from_mode(0o600))
            .and_then(|()| std::fs::rename(&new, path));
        if let Err(error) = moved {
            let _ = std::fs::remove_file(&new);
            return Err(failed(error));
        }
        Ok(Self { listener, path: path.to_owned(), file: identity(path) })
    }

    /// What listens.
    pub fn listener(&self) -> &UnixListener {
        &self.listener
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.file.is_some() && identity(&self.path) == self.file {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    std::fs::symlink_metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

/// A connection to a server, encrypted or not.
pub enum Stream {
    /// Plain TCP.
    Plain(TcpStream),
    /// TLS over TCP. Boxed, because it is many times larger.
    Tls(Box<TlsStream<TcpStream>>),
}

/// Opens connections to one host and port, encrypted or not.
#[derive(Clone)]
pub struct Connector {
    host: String,
    port: u16,
    tls: Option<TlsConnector>,
    guard: Option<Guard>,
}

impl Connector {
    /// A connector to `host` (a name, an IPv4 address, or an IPv6 address without brackets).
    pub fn new(host: &str, port: u16, encrypted: bool) -> Result<Self> {
        let tls = encrypted.then(tls_connector).transpose()?;
        Ok(Self { host: host.to_owned(), port, tls, guard: None })
    }

    /// A connector to a host that a stranger named: it goes only where `guard` permits. What it refuses is an error with
    /// [`Forbidden`] within.
    pub fn guarded(host: &str, port: u16, encrypted: bool, guard: Guard) -> Result<Self> {
        Ok(Self { guard: Some(guard), ..Self::new(host, port, encrypted)? })
    }

    /// Opens a TCP connection. A guarded one goes to the addresses that were judged, not to the name again.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that connects")]
    async fn dial(&self) -> std::io::Result<TcpStream> {
        let target = (self.host.as_str(), self.port);
        let Some(guard) = &self.guard else { return TcpStream::connect(target).await };
        if !Guard::permits_port(self.port) {
            return Err(Forbidden::error(&self.host, None));
        }
        let found: Vec<SocketAddr> = tokio::net::lookup_host(target).await?.collect();
        let (good, bad): (Vec<_>, Vec<_>) = found.into_iter().partition(|one| guard.permits(&self.host, one.ip()));
        match (good.is_empty(), bad.first()) {
            (true, Some(bad)) => Err(Forbidden::error(&self.host, Some(bad.ip()))),
            _ => TcpStream::connect(good.as_slice()).await,
        }
    }

    /// Opens a connection.
    pub async fn connect(&self) -> std::io::Result<Stream> {
        let tcp = self.dial().await?;
        tcp.set_nodelay(true)?;
        match &self.tls {
            None => Ok(Stream::Plain(tcp)),
            Some(connector) => {
                let name = rustls::pki_types::ServerName::try_from(self.host.clone()).map_err(std::io::Error::other)?;
                Ok(Stream::Tls(Box::new(connector.connect(name, tcp).await?)))
            }
        }
    }
}

/// Certificates are always checked against the operating system's store; there is no switch that turns this off.
fn tls_connector() -> Result<TlsConnector> {
    let mut roots = rustls::RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        return Err(Error::new(
            Code::UpstreamUnreachable,
            "this machine has no certificate authorities, so no https address can be trusted",
            "install the operating system's ca-certificates",
        ));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::internal(format!("TLS cannot be set up: {error}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Stream::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_write_vectored(context, pieces),
            Stream::Tls(stream) => Pin::new(stream).poll_write_vectored(context, pieces),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Stream::Plain(stream) => stream.is_write_vectored(),
            Stream::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(context),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
