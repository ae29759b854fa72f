//! When the other end of a Unix socket is gone.

use std::io::ErrorKind;
use std::os::fd::AsFd;
use tokio::io::Interest;
use tokio::net::UnixStream;

/// Waits until the other end of `stream` is closed altogether. One that merely sends no more can still read.
pub async fn hung_up(stream: &UnixStream) {
    // A descriptor of its own has a readiness of its own: this must take none away from whoever writes.
    let Some(own) = duplicate(stream) else { return std::future::pending().await };
    while let Ok(ready) = own.ready(Interest::WRITABLE).await {
        if ready.is_write_closed() {
            return;
        }
        // Not writable as far as this one goes, so that it waits for what comes next.
        let _ = own.try_io(Interest::WRITABLE, || Err::<(), _>(ErrorKind::WouldBlock.into()));
    }
}

fn duplicate(stream: &UnixStream) -> Option<UnixStream> {
    let own = stream.as_fd().try_clone_to_owned().ok()?;
    UnixStream::from_std(own.into()).ok()
}

#[cfg(test)]
mod tests;
