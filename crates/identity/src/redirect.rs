//! Where a browser comes back to after a login: a listener on this machine, for one visit (RFC 8252, section 7.3).

use base::{Code, Error, Result};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A listener that waits for the browser.
pub struct Landing {
    listener: TcpListener,
    port: u16,
}

/// The most bytes of a request's head.
const HEAD: usize = 16 << 10;

/// How long a visitor may take to say what it wants.
const VISIT: Duration = Duration::from_secs(10);

/// The most visits. Browsers also ask for an icon, and other programs may knock.
const VISITS: usize = 100;

impl Landing {
    /// Listens on `port` of this machine; 0 takes a free one.
    pub async fn open(port: u16) -> Result<Self> {
        let listener = base::network::listen(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await.map_err(|error| {
            let next = "end what listens there, or take `redirect_port` out of the configuration";
            Error::new(Code::AddressInUse, error.message(), next)
        })?;
        let address = listener.local_addr().map_err(|error| Error::internal(format!("no own address: {error}")))?;
        Ok(Self { listener, port: address.port() })
    }

    /// The address that the browser is to come back to.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}/callback", self.port)
    }

    /// Waits at most `patience` for a visit that brings an answer, and gives its query.
    pub async fn wait(self, patience: Duration) -> Result<Option<String>> {
        let waiting = async {
            for _ in 0..VISITS {
                let Ok((stream, _)) = self.listener.accept().await else { continue };
                if let Ok(Some(query)) = tokio::time::timeout(VISIT, visit(stream)).await {
                    return Some(query);
                }
            }
            None
        };
        Ok(tokio::time::timeout(patience, waiting).await.ok().flatten())
    }
}

/// Answers one visitor. The query, if it is the browser with an answer.
async fn visit(mut stream: TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut piece = [0; 2048];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let count = stream.read(&mut piece).await.ok()?;
        if count == 0 || head.len() > HEAD {
            return None;
        }
        head.extend_from_slice(&piece[..count]);
    }
    let query = query(&String::from_utf8_lossy(&head));
    let (status, text) = match &query {
        Some(_) => ("200 OK", "Thank you. You may close this page and go back to the terminal."),
        None => ("404 Not Found", "There is nothing here."),
    };
    // The answer in the address must not go on to another page, nor stay in a cache.
    let page = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\nconnection: close\r\n\
         cache-control: no-store\r\nreferrer-policy: no-referrer\r\ncontent-security-policy: default-src 'none'\r\n\r\n{}",
        PAGE.len() - 2 + text.len(),
        PAGE.replace("{}", text)
    );
    let _ = stream.write_all(page.as_bytes()).await;
    let _ = stream.shutdown().await;
    query
}

const PAGE: &str = "<!doctype html><html lang=\"en\"><title>Tutti</title><p>{}</p></html>\n";

/// The query in the head of a request that brings an answer. Whether it is the right one, the hub decides.
#[doc(hidden)]
pub fn query(head: &str) -> Option<String> {
    let mut line = head.lines().next()?.split(' ');
    let (method, target) = (line.next()?, line.next()?);
    let query = target.strip_prefix("/callback?").filter(|_| method == "GET")?;
    let answers = |part: &str| part.starts_with("code=") || part.starts_with("error=");
    query.split('&').any(answers).then(|| query.to_owned())
}

#[cfg(test)]
mod tests;
