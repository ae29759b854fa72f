//! Standard input and output for a task that may end at any time.
//!
//! Each has a thread of its own. A thread of the runtime that waits for input would have to be waited for at the end of
//! the program, and a client that was told nothing may never write again.

use std::io::{Read as _, Write as _};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// How many pieces of input, or messages of output, wait.
const WAITING: usize = 64;

/// How long a client may take to read the last of the output.
const PATIENCE: Duration = Duration::from_secs(2);

/// Standard input in pieces, until it ends. A last line without an end gets one, for `printf` writes none.
pub(super) fn input() -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel(WAITING);
    std::thread::spawn(move || {
        let mut input = std::io::stdin().lock();
        let mut buffer = vec![0; 64 << 10];
        loop {
            match input.read(&mut buffer) {
                Ok(0) => {
                    let _ = sender.blocking_send(b"\n".to_vec());
                    return;
                }
                Ok(count) => {
                    if sender.blocking_send(buffer[..count].to_vec()).is_err() {
                        return;
                    }
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    });
    receiver
}

/// Standard output.
pub(super) struct Output {
    sender: mpsc::Sender<Vec<u8>>,
    written: oneshot::Receiver<()>,
}

/// Opens standard output.
pub(super) fn output() -> Output {
    let (sender, mut receiver) = mpsc::channel::<Vec<u8>>(WAITING);
    let (done, written) = oneshot::channel();
    std::thread::spawn(move || {
        let mut output = std::io::stdout().lock();
        while let Some(piece) = receiver.blocking_recv() {
            if output.write_all(&piece).and_then(|()| output.flush()).is_err() {
                break;
            }
        }
        drop(receiver);
        let _ = done.send(());
    });
    Output { sender, written }
}

impl Output {
    /// Where to send what is to be written. Sending fails when nobody reads any more.
    pub(super) fn sender(&self) -> mpsc::Sender<Vec<u8>> {
        self.sender.clone()
    }

    /// Waits until nobody reads any more.
    pub(super) async fn closed(&self) {
        self.sender.closed().await;
    }

    /// Waits until all is written. Every other sender must be gone.
    pub(super) async fn finish(self) {
        drop(self.sender);
        let _ = tokio::time::timeout(PATIENCE, self.written).await;
    }
}

/// A message as a line. Line ends within pretty-printed JSON are white space and become spaces.
pub(super) fn line(message: &str) -> Vec<u8> {
    let mut line = message.as_bytes().to_vec();
    line.iter_mut().filter(|byte| matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = b' ');
    line.push(b'\n');
    line
}
