//! A connection that calls of several clients share: each gets its own answer, the news of its own progress, and no
//! question that could be meant for another. Held against a plain account of the same lines.

use super::input;
use base::network::Socket;
use mcp::client::{Call, Inbound, Link, Request, shared, socket, tail::Tail};
use mcp::message::Kind;
use mcp::parameter::Headers;
use mcp::{Era, Message, Method};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc;

/// The clients of the calls: nobody can answer for the last one.
const CLIENTS: [Option<u64>; 4] = [Some(1), Some(1), Some(2), None];

/// What one call got: what came meanwhile, and its answer.
#[derive(Debug, Default, PartialEq, Eq)]
struct Got {
    notes: Vec<String>,
    asks: Vec<String>,
    answer: Option<String>,
}

pub(crate) fn feed(data: &[u8]) {
    let (chosen, data) = input::choice(data);
    let calls: Vec<u64> = (1..=CLIENTS.len() as u64).filter(|id| chosen >> (id - 1) & 1 == 1).collect();
    let folder = input::Folder::new();
    // Messages beyond the limit end one call at most; which one, the account below cannot tell.
    let limit = if chosen & 16 == 0 { 1 << 20 } else { 512 };
    let got = input::in_runtime(talk(&folder, limit, &calls, data));
    if data.split(|byte| *byte == b'\n').all(|line| line.len() < limit) {
        assert_eq!(got, account(&calls, data), "who got what");
    }
    for (id, got) in got {
        let answer = got.answer.and_then(|text| Message::parse(text).ok());
        let own = |message: &Message| message.number_id() == Some(id) || message.kind() == &Kind::Error;
        assert!(answer.is_none_or(|message| own(&message)), "somebody else's answer");
    }
}

async fn talk(folder: &input::Folder, limit: usize, calls: &[u64], data: &[u8]) -> BTreeMap<u64, Got> {
    let Ok(socket) = Socket::listen(&folder.path().join("s")) else { panic!("there is no socket") };
    let options = socket::Options { name: "peer".to_owned(), path: folder.path().join("s"), message_limit: limit };
    let (notices, _news) = mpsc::channel(8);
    let opened = socket::open(&options, Arc::<Tail>::default(), notices).await;
    let (Ok(link), Ok((mut stream, _))) = (opened, socket.listener().accept().await) else { panic!("no connection") };
    let mut open: Vec<(u64, Call)> = calls.iter().map(|id| (*id, call(&link, *id))).collect();
    let _ = stream.write_all(data).await;
    let _ = stream.write_all(b"\n").await;
    let _ = stream.shutdown().await;
    // What the hub says is read, so that it is not held up.
    let mut said = Vec::new();
    let mut all = BTreeMap::new();
    link.ended().await;
    for (id, call) in &mut open {
        let mut got = Got::default();
        loop {
            match call.next().await {
                Ok(Inbound::Note(message)) => got.notes.push(message.source().to_owned()),
                Ok(Inbound::Ask(message)) => got.asks.push(message.source().to_owned()),
                Ok(Inbound::Answer(message)) => {
                    got.answer = Some(message.source().to_owned());
                    break;
                }
                Err(_) => break,
            }
        }
        all.insert(*id, got);
    }
    drop((open, link));
    let _ = stream.read_to_end(&mut said).await;
    for line in said.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        assert!(Message::from_bytes(line.to_vec()).is_ok(), "the hub sends something that is no message");
    }
    all
}

fn call(link: &Arc<shared::Link>, id: u64) -> Call {
    let client = CLIENTS[id as usize - 1];
    let (headers, era) = (Headers::default(), Era::Legacy);
    let request = Request { id, method: "tools/call", params: "{}", name: None, headers, era, notes: true, client };
    Link::Shared(Arc::clone(link)).call(&request).unwrap_or_else(|error| panic!("no call: {error}"))
}

/// What each call should get, line by line.
fn account(calls: &[u64], data: &[u8]) -> BTreeMap<u64, Got> {
    let mut all: BTreeMap<u64, Got> = calls.iter().map(|id| (*id, Got::default())).collect();
    let mut open = calls.to_vec();
    let mut asked: Vec<(String, u64)> = Vec::new();
    for line in data.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Ok(message) = Message::from_bytes(line.to_vec()) else { continue };
        let only = if let [only] = open[..] { Some(only) } else { None };
        let source = message.source().to_owned();
        match message.kind() {
            Kind::Result | Kind::Error => {
                let nameless = message.kind() == &Kind::Error && matches!(message.id(), None | Some("null"));
                let id = if nameless { only } else { message.number_id() };
                if let Some(got) = id.filter(|id| open.contains(id)).and_then(|id| all.get_mut(&id)) {
                    got.answer = Some(source);
                    open.retain(|other| Some(*other) != id);
                    asked.retain(|(_, to)| Some(*to) != id);
                }
            }
            Kind::Notification(method) => {
                let body = message.body().and_then(input::object).unwrap_or_default();
                let to = match method {
                    Method::Progress => body.get("progressToken").and_then(serde_json::Value::as_u64),
                    Method::LogMessage => only,
                    Method::Cancelled => {
                        let id = mcp::raw::get(message.body().unwrap_or("{}"), "requestId").unwrap_or_default();
                        let at = asked.iter().position(|(own, _)| own == id);
                        at.map(|at| asked.remove(at).1)
                    }
                    _ => None,
                };
                note(&mut all, to.filter(|id| open.contains(id)), |got| got.notes.push(source));
            }
            Kind::Request(Method::Ping) => {}
            Kind::Request(_) => {
                let able: Vec<u64> = open.iter().copied().filter(|id| CLIENTS[*id as usize - 1].is_some()).collect();
                let one = able.iter().all(|id| CLIENTS[*id as usize - 1] == CLIENTS[able[0] as usize - 1]);
                let id = message.id().unwrap_or("null").to_owned();
                let free = asked.len() < 256 && asked.iter().all(|(own, _)| *own != id);
                if let Some(newest) = able.last().copied().filter(|_| one && free) {
                    asked.push((id, newest));
                    note(&mut all, Some(newest), |got| got.asks.push(source));
                }
            }
        }
    }
    all
}

fn note(all: &mut BTreeMap<u64, Got>, to: Option<u64>, add: impl FnOnce(&mut Got)) {
    if let Some(got) = to.and_then(|id| all.get_mut(&id)) {
        // A client that does not read loses what is beyond this.
        if got.notes.len() + got.asks.len() < 256 {
            add(got);
        }
    }
}
