//! What stands at the other end of a connection that is no process of ours.

use super::shared::Holder;
use tokio_util::sync::CancellationToken;

/// A connection; whoever serves it stops when the token is cancelled.
pub(super) struct Connection(pub(super) CancellationToken);

impl Holder for Connection {
    fn pid(&self) -> Option<u32> {
        None
    }

    fn noun(&self) -> &'static str {
        "the connection to"
    }

    fn again(&self) -> &'static str {
        "opened"
    }

    fn terminate(&self) {
        self.0.cancel();
    }

    fn kill(&self) {
        self.0.cancel();
    }
}
