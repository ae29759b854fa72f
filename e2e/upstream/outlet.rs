//! Where the upstream writes: standard output, the answer to one HTTP request, or a connection.

use serde_json::Value;
use std::io::Write as _;
use tokio::sync::mpsc;

/// Text that stands in results and definitions in place of [`VENDOR`].
pub(crate) const VENDOR_PLACE: &str = "@vendor@";

/// The value of the member `x-vendor`, which no protocol version knows. A hub that parses it into numbers and writes it
/// again changes it: digits are lost, `1.0` becomes `1`, the escapes and the order of the members change.
pub(crate) const VENDOR: &str = r#"{"whole":1.0,"long":12345678901234567890123,"exponent":1E+2,"text":"\u00e9\ud83d\ude00\/","b":null,"a":[{ },[ ]]}"#;

#[derive(Clone)]
pub(crate) enum Outlet {
    Stdout,
    /// The answer to one HTTP request.
    Stream(mpsc::UnboundedSender<Vec<u8>>),
    /// A connection that carries everything.
    Connection(mpsc::UnboundedSender<Vec<u8>>),
}

impl Outlet {
    pub(crate) fn send(&self, message: &Value) {
        self.send_raw(text_of(message).into_bytes());
    }

    /// Sends one line or event of any bytes. A reader that is gone is no error: the test may want just that.
    pub(crate) fn send_raw(&self, mut bytes: Vec<u8>) {
        match self {
            Outlet::Stdout => {
                bytes.push(b'\n');
                let mut output = std::io::stdout().lock();
                let _ = output.write_all(&bytes).and_then(|()| output.flush());
            }
            Outlet::Stream(sender) | Outlet::Connection(sender) => {
                let _ = sender.send(bytes);
            }
        }
    }

    /// Resolves when nobody reads any more.
    pub(crate) async fn gone(&self) {
        match self {
            Outlet::Stdout => std::future::pending().await,
            Outlet::Stream(sender) | Outlet::Connection(sender) => sender.closed().await,
        }
    }

    pub(crate) fn is_gone(&self) -> bool {
        matches!(self, Outlet::Stream(sender) | Outlet::Connection(sender) if sender.is_closed())
    }
}

/// The message as it goes over the wire.
pub(crate) fn text_of(message: &Value) -> String {
    message.to_string().replace(&format!("\"{VENDOR_PLACE}\""), VENDOR)
}
