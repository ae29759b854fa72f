//! Reading lines from whatever gives bytes.

use crate::line::{Line, Splitter};
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// Hands every line of `input` to `take`, until the input ends or fails.
pub(super) async fn read_lines(mut input: impl AsyncRead + Unpin, limit: usize, mut take: impl FnMut(Line)) {
    let mut splitter = Splitter::new(limit);
    let mut buffer = vec![0; 64 << 10];
    while let Ok(count) = input.read(&mut buffer).await {
        if count == 0 {
            break;
        }
        splitter.feed(&buffer[..count]);
        while let Some(line) = splitter.next_line() {
            take(line);
        }
    }
}
