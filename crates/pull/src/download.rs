//! Brings a file here, and goes on where it broke off.

use crate::part::Part;
use crate::size;
use crate::web::{Answer, Linked, Stop, Web};
use base::{Code, Error, Result};
use exchange::head::Framing;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use identity::oauth::address::Address;

/// How often a download that makes progress may break off.
const TRIES: usize = 50;

/// What stays free on a disk, in bytes.
const SPARE: u64 = 64 << 20;

/// A file that is wanted.
pub(crate) struct Wish<'a> {
    /// Where it is.
    pub(crate) address: &'a Address,
    /// What is known of it before.
    pub(crate) linked: Linked,
    /// The most bytes that it may have.
    pub(crate) limit: u64,
    /// How many bytes are free where it is kept.
    pub(crate) free: Option<u64>,
}

/// What came.
pub(crate) struct Came {
    /// The digest that the file should have, where somebody says it.
    pub(crate) digest: Option<[u8; 32]>,
    /// How many bytes were fetched, and not there before.
    pub(crate) fetched: u64,
}

/// Told how many bytes are there, and of how many.
pub(crate) type Tell<'a> = &'a mut (dyn FnMut(u64, Option<u64>) + Send);

/// Fetches the file into `part`.
///
/// # Errors
/// It broke off, and what came is worth to be gone on with; or it is not there, or not what it should be.
pub(crate) async fn download(web: &Web, wish: &mut Wish<'_>, part: &mut Part, tell: Tell<'_>) -> Result<Came, Stop> {
    let mut fetched = 0;
    for _ in 0..TRIES {
        let before = part.length();
        match attempt(web, wish, part, &mut fetched, tell).await {
            Ok(()) => return Ok(Came { digest: wish.linked.digest, fetched }),
            Err(Stop::Broken(_)) if part.length() > before => {}
            Err(stop) => return Err(stop),
        }
    }
    Err(Stop::Broken("it breaks off again and again".to_owned()))
}

async fn attempt(
    web: &Web,
    wish: &mut Wish<'_>,
    part: &mut Part,
    fetched: &mut u64,
    tell: Tell<'_>,
) -> Result<(), Stop> {
    // Where neither a tag nor a digest tells files apart, a part may be of another.
    if part.length() > 0 && part.tag().is_none() && wish.linked.digest.is_none() {
        part.restart()?;
    }
    let mut answer = web.open(wish.address, &headers(part)).await?;
    if answer.head.status == StatusCode::RANGE_NOT_SATISFIABLE && part.length() > 0 {
        // All of it may be there, or it may be another file by now.
        part.restart()?;
        answer = web.open(wish.address, &HeaderMap::new()).await?;
    }
    answer.demand(&[StatusCode::OK, StatusCode::PARTIAL_CONTENT])?;
    let whole = match begins(&answer)? {
        None => {
            part.restart()?;
            match answer.head.framing {
                Framing::Length(length) => Some(length),
                _ => None,
            }
        }
        Some((start, _)) if start != part.length() => {
            return Err(answer.wrong("it answers with another part than was asked for"));
        }
        Some((_, whole)) => whole,
    };
    agree(wish, &answer, whole)?;
    room(wish, &answer, whole, part.length())?;
    part.set_tag(strong_tag(&answer))?;
    receive(&mut answer, wish, part, fetched, tell).await
}

/// Asks for what is missing, unless the file is another by now.
fn headers(part: &Part) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if part.length() > 0
        && let Ok(range) = HeaderValue::from_str(&format!("bytes={}-", part.length()))
    {
        headers.insert(header::RANGE, range);
        if let Some(tag) = part.tag().and_then(|tag| HeaderValue::from_str(tag).ok()) {
            headers.insert(header::IF_RANGE, tag);
        }
    }
    headers
}

/// The entity tag, if it says that all bytes are the same (RFC 9110, section 8.8.3).
fn strong_tag(answer: &Answer) -> Option<&str> {
    answer.header(&header::ETAG).filter(|tag| tag.starts_with('"') && tag.len() <= 1_000)
}

/// Where a part begins, and how large the whole is (RFC 9110, section 14.4); nothing of an answer that is the whole.
fn begins(answer: &Answer) -> Result<Option<(u64, Option<u64>)>, Stop> {
    if answer.head.status != StatusCode::PARTIAL_CONTENT {
        return Ok(None);
    }
    let range = answer.header(&header::CONTENT_RANGE).and_then(range_of);
    range.map(Some).ok_or_else(|| answer.wrong("it answers with a part that it does not describe"))
}

fn range_of(text: &str) -> Option<(u64, Option<u64>)> {
    let (range, whole) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (start, _) = range.split_once('-')?;
    Some((start.parse().ok()?, if whole == "*" { None } else { Some(whole.parse().ok()?) }))
}

/// Holds what the answer says of the file against what is known, and takes over what is new.
fn agree(wish: &mut Wish<'_>, answer: &Answer, whole: Option<u64>) -> Result<(), Stop> {
    let said = &answer.linked;
    let differs = |one: Option<u64>, other: Option<u64>| one.zip(other).is_some_and(|(one, other)| one != other);
    if wish.linked.digest.zip(said.digest).is_some_and(|(known, said)| known != said) {
        return Err(answer.wrong("the hub says that it has another SHA-256 digest than the one that was asked for"));
    }
    if differs(wish.linked.bytes, whole) || differs(said.bytes, whole) {
        return Err(answer.wrong("it is not as large as the hub says"));
    }
    wish.linked.digest = wish.linked.digest.or(said.digest);
    wish.linked.bytes = whole.or(wish.linked.bytes).or(said.bytes);
    Ok(())
}

/// Whether there is room for the file.
fn room(wish: &Wish<'_>, answer: &Answer, whole: Option<u64>, have: u64) -> Result<(), Stop> {
    let Some(whole) = whole else { return Ok(()) };
    if whole > wish.limit {
        return Err(answer.wrong(&format!("it has {}: --limit allows {}", size(whole), size(wish.limit))));
    }
    fits(wish.free, whole.saturating_sub(have)).map_err(Stop::Refused)
}

/// Whether there is room for `bytes` more.
///
/// # Errors
/// [`Code::Disk`]: there is not.
pub(crate) fn fits(free: Option<u64>, bytes: u64) -> Result<()> {
    match free {
        Some(free) if free < bytes.saturating_add(SPARE) => {
            let message = format!("{} are to come, and the disk has {} left", size(bytes), size(free));
            Err(Error::new(Code::Disk, message, "make room, or set TUTTI_HOME to another disk"))
        }
        _ => Ok(()),
    }
}

/// Takes the body into the part.
async fn receive(
    answer: &mut Answer,
    wish: &Wish<'_>,
    part: &mut Part,
    fetched: &mut u64,
    tell: Tell<'_>,
) -> Result<(), Stop> {
    let mut buffer = Vec::new();
    while answer.piece(|piece| buffer.extend_from_slice(piece)).await? {
        if part.length().saturating_add(buffer.len() as u64) > wish.limit {
            return Err(answer.wrong(&format!("it is larger than {}, which --limit allows", size(wish.limit))));
        }
        part.write(&buffer)?;
        // A page of a web site is known by its first bytes, and not fetched for an hour.
        if !part.may_be_model() {
            return Err(no_model(wish.address).into());
        }
        *fetched += buffer.len() as u64;
        buffer.clear();
        tell(part.length(), wish.linked.bytes);
    }
    match wish.linked.bytes {
        Some(bytes) if bytes != part.length() => Err(answer.wrong("it does not end where it should")),
        _ => Ok(()),
    }
}

fn no_model(address: &Address) -> Error {
    let message = format!("what is at {} is no GGUF file", crate::web::shown(address));
    Error::new(Code::ModelFile, message, "name the address of the file itself, and not of a page about it")
}

#[cfg(test)]
mod tests;
