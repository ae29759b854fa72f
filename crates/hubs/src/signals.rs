//! Being told to stop.

use base::{Error, Result};

/// SIGTERM and Ctrl-C. From the moment that this exists they do not end the process by themselves.
pub struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Takes the signals.
    pub fn take() -> Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let failed = |error: std::io::Error| Error::internal(format!("signals cannot be taken: {error}"));
        let terminate = signal(SignalKind::terminate()).map_err(failed)?;
        let interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
        Ok(Self { terminate, interrupt })
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// Waits for the next one, and tells whether it was Ctrl-C.
    pub async fn next_is_interrupt(&mut self) -> bool {
        tokio::select! {
            _ = self.terminate.recv() => false,
            _ = self.interrupt.recv() => true,
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    /// Takes the signals.
    pub fn take() -> Result<Self> {
        Ok(Self {})
    }

    /// Waits for the next one, and tells whether it was Ctrl-C.
    pub async fn next_is_interrupt(&mut self) -> bool {
        self.next().await;
        true
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
