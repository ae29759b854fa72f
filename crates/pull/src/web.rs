//! Requests for a file that may lead elsewhere: on the way nothing is sent without encryption, and nobody but the hub is shown a
//! credential.

use base::network::Connector;
use base::network::guard::{Guard, is_loopback_name};
use base::{Code, Error};
use exchange::head::Head;
use exchange::{Broken, Connection};
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, header};
use identity::oauth::address::Address;
use std::future::poll_fn;
use std::time::Duration;

/// How long a server may take until the head of its answer, and between two pieces of a body.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often an answer may lead elsewhere.
const HOPS: usize = 8;

/// The most bytes of a list.
const LARGEST_LIST: usize = 16 << 20;

/// Why there is no file, or not yet.
#[derive(Debug)]
pub(crate) enum Stop {
    /// It would be the same again.
    Refused(Error),
    /// It broke off; another try may do better.
    Broken(String),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

/// The way to a file.
pub(crate) struct Web {
    start: Address,
    guard: Guard,
    /// What the server at the beginning is shown, and no other.
    credential: Option<HeaderValue>,
}

/// An answer that has begun.
pub(crate) struct Answer {
    pub(crate) head: Head,
    /// What the server at the beginning says that the file is, also where it is elsewhere.
    pub(crate) linked: Linked,
    connection: Connection,
    at: Address,
}

/// What a hub says of a file when it leads to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Linked {
    /// Its SHA-256 digest.
    pub(crate) digest: Option<[u8; 32]>,
    /// Its size in bytes.
    pub(crate) bytes: Option<u64>,
}

impl Linked {
    /// `X-Linked-ETag` and `X-Linked-Size` of <https://huggingface.co/docs/huggingface_hub> (`get_hf_file_metadata`): for files in
    /// the large storage the first is their SHA-256 digest.
    fn of(headers: &HeaderMap) -> Self {
        let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        Self {
            digest: said("x-linked-etag").and_then(|tag| digest_of(tag.trim_matches('"'))),
            bytes: said("x-linked-size").and_then(|size| size.parse().ok()),
        }
    }
}

/// A SHA-256 digest as it is written.
pub fn digest_of(text: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    let is_plain = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    for (byte, pair) in digest.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    is_plain.then_some(digest)
}

impl Web {
    /// The way that begins at `start`. `token` is a credential for the server there.
    ///
    /// # Errors
    /// The address has no encryption and is not of this machine, or the token cannot be sent.
    pub(crate) fn new(start: &Address, token: Option<&str>) -> Result<Self, Error> {
        if !start.is_encrypted() && !is_loopback_name(start.host()) {
            let next = "write the address with https://; without it anybody on the way can change the file";
            return Err(Error::new(Code::Usage, format!("{} is not encrypted", shown(start)), next));
        }
        let credential = token.map(|token| HeaderValue::from_str(&format!("Bearer {token}"))).transpose();
        let mut credential = credential
            .map_err(|_| Error::new(Code::Usage, "HF_TOKEN cannot be sent", "set it to an access token of the hub"))?;
        credential.iter_mut().for_each(|credential| credential.set_sensitive(true));
        Ok(Self { start: start.clone(), guard: Guard::of(start.host(), &[]), credential })
    }

    /// Asks for what is at `address`, wherever that leads.
    pub(crate) async fn open(&self, address: &Address, more: &HeaderMap) -> Result<Answer, Stop> {
        let (mut at, mut linked) = (address.clone(), Linked::default());
        for _ in 0..=HOPS {
            let (connection, head) = self.ask(&at, more).await?;
            if at.same_origin(&self.start) {
                let said = Linked::of(&head.headers);
                linked = Linked { digest: said.digest.or(linked.digest), bytes: said.bytes.or(linked.bytes) };
            }
            if !matches!(head.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
                return Ok(Answer { head, linked, connection, at });
            }
            at = next(&at, &head.headers)?;
        }
        Err(failed(address, "it leads on and on").into())
    }

    async fn ask(&self, at: &Address, more: &HeaderMap) -> Result<(Connection, Head), Stop> {
        let mut request = Request::new(bytes::Bytes::new().into());
        *request.uri_mut() = at.target().parse().map_err(|_| failed(at, "it is no address"))?;
        let headers = request.headers_mut();
        headers
            .insert(header::HOST, HeaderValue::from_str(at.authority()).map_err(|_| failed(at, "it is no address"))?);
        headers.insert(header::USER_AGENT, HeaderValue::from_static(concat!("tutti/", env!("CARGO_PKG_VERSION"))));
        headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
        // Parts of a compressed file are none of the file.
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        headers.extend(more.iter().map(|(name, value)| (name.clone(), value.clone())));
        if let Some(credential) = self.credential.as_ref().filter(|_| at.same_origin(&self.start)) {
            headers.insert(header::AUTHORIZATION, credential.clone());
        }
        let connector = Connector::guarded(at.host(), at.port(), at.is_encrypted(), self.guard.clone())?;
        let exchange = async {
            let mut connection = Connection::open(&connector).await.map_err(Broken::Failed)?;
            let head = connection.send(&request.into()).await?;
            Ok::<_, Broken>((connection, head))
        };
        let answered = tokio::time::timeout(PATIENCE, exchange).await;
        answered.map_err(|_| silent(at))?.map_err(|broken| broke(at, &broken))
    }

    /// The text at `address`, such as a list.
    pub(crate) async fn text(&self, address: &Address) -> Result<String, Error> {
        let read = async {
            let mut answer = self.open(address, &HeaderMap::new()).await?;
            answer.demand(&[StatusCode::OK])?;
            let body = answer.connection.whole(LARGEST_LIST).await.map_err(|broken| broke(address, &broken))?;
            let body = body.ok_or_else(|| failed(address, "the list is too long"))?;
            String::from_utf8(body.into()).map_err(|_| failed(address, "the list is no UTF-8 text").into())
        };
        let read = tokio::time::timeout(2 * PATIENCE, read).await.unwrap_or_else(|_| Err(silent(address)));
        read.map_err(|stop| match stop {
            Stop::Refused(error) => error,
            Stop::Broken(why) => failed(address, &why),
        })
    }
}

impl Answer {
    /// Whether the answer has one of these statuses.
    ///
    /// # Errors
    /// It has another.
    pub(crate) fn demand(&self, statuses: &[StatusCode]) -> Result<(), Stop> {
        let status = self.head.status;
        if statuses.contains(&status) {
            let coding = self.head.headers.get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes);
            let is_plain = coding.is_none_or(|coding| coding.eq_ignore_ascii_case(b"identity"));
            return is_plain
                .then_some(())
                .ok_or_else(|| failed(&self.at, "it came compressed, though that was not asked for").into());
        }
        let why = match status.as_u16() {
            401 | 403 => "it is only for those who show a credential (HF_TOKEN), or is not there".to_owned(),
            404 | 410 => "there is no such file".to_owned(),
            number => format!("the answer has HTTP status {number}"),
        };
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            return Err(Stop::Broken(why));
        }
        Err(failed(&self.at, &why).into())
    }

    /// A header of the answer, as text.
    pub(crate) fn header(&self, name: &HeaderName) -> Option<&str> {
        self.head.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Gives the next piece of the body to `take`; `false` at its end.
    pub(crate) async fn piece(&mut self, mut take: impl FnMut(&[u8])) -> Result<bool, Stop> {
        let piece = poll_fn(|context| self.connection.poll_piece(context, &mut take));
        match tokio::time::timeout(PATIENCE, piece).await {
            Ok(piece) => piece.map_err(|broken| broke(&self.at, &broken)),
            Err(_) => Err(silent(&self.at)),
        }
    }

    /// The error that what comes is not what it should be.
    pub(crate) fn wrong(&self, why: &str) -> Stop {
        failed(&self.at, why).into()
    }
}

/// Where an answer leads.
fn next(at: &Address, headers: &HeaderMap) -> Result<Address, Stop> {
    let location = headers.get(header::LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let scheme = if at.is_encrypted() { "https" } else { "http" };
    let whole = match location {
        path if path.starts_with("//") => format!("{scheme}:{path}"),
        path if path.starts_with('/') => format!("{}{path}", at.origin()),
        whole => whole.to_owned(),
    };
    // What stands behind `#` is for whoever asked and not for the server.
    let whole = whole.split('#').next().unwrap_or_default();
    let next = Address::parse(whole).map_err(|why| failed(at, &format!("it leads to an address that {why}")))?;
    let within = is_loopback_name(at.host()) && is_loopback_name(next.host());
    if next.is_encrypted() || within {
        return Ok(next);
    }
    Err(failed(at, &format!("it leads to {}, which is not encrypted", shown(&next))).into())
}

fn broke(at: &Address, broken: &Broken) -> Stop {
    match broken {
        Broken::Failed(error) if base::network::guard::Forbidden::within(error).is_some() => {
            failed(at, &error.to_string()).into()
        }
        broken => Stop::Broken(broken.to_string()),
    }
}

fn silent(at: &Address) -> Stop {
    Stop::Broken(format!("{} said nothing for {PATIENCE:?}", at.host()))
}

/// An address without its query, which may hold what is nobody's business.
pub(crate) fn shown(address: &Address) -> String {
    let bare = address.text().split('?').next().unwrap_or_default();
    base::visible::escaped(&bare.chars().take(300).collect::<String>())
}

/// The error of a file that cannot be fetched.
pub(crate) fn failed(at: &Address, why: &str) -> Error {
    let message = format!("{} cannot be fetched: {why}", shown(at));
    Error::new(Code::ModelPull, message, "check the name and the network; by hand: `curl -IL` with that address")
}

#[cfg(test)]
mod tests;
