//! What a server says of itself and what its lists say, read over a real connection; and what views make of them.

use super::input;
use base::network::Socket;
use mcp::capability::Offers;
use mcp::client::handshake::{self, Greeting, Opener, Terms, Way};
use mcp::client::{Link, socket, tail::Tail};
use mcp::{Era, Message, raw, version};
use serde_json::{Map, Value};
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::sync::mpsc;
use tools::catalogue::hint::{Hint, LONGEST};
use tools::catalogue::{Catalogue, Item, LISTS, fetch};
use tools::config::ViewSettings;
use tools::discovery::Discovery;
use tools::naming;
use tools::view::{Source, View, build};

/// The most items of a list.
const ITEMS: usize = 16;

/// Longer than anything here takes: the server answers at once, or hangs up.
const LONG: Duration = Duration::from_secs(30);

pub(crate) fn feed(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let answers: VecDeque<String> = text.split('\u{1e}').take(12).map(str::to_owned).collect();
    for answer in &answers {
        kept(answer);
    }
    let (folder, modern) = (input::Folder::new(), text.contains(version::LATEST_MODERN));
    input::in_runtime(async {
        let Ok(socket) = Socket::listen(&folder.path().join("s")) else { panic!("there is no socket") };
        tokio::select! {
            read = read(&folder) => if let Some((greeting, catalogue)) = read {
                assert!(greeting.era == Era::Legacy || modern, "modern without a word of it");
                greeted(&greeting);
                if let Some(catalogue) = catalogue {
                    listed(&greeting, &catalogue);
                    let catalogue = Arc::new(catalogue);
                    shown(&catalogue);
                    found(&catalogue).await;
                }
            },
            () = serve(&socket, answers) => {}
        }
    });
}

/// Greets the server and reads its lists.
async fn read(folder: &input::Folder) -> Option<(Greeting, Option<Catalogue>)> {
    let options = socket::Options { name: "peer".to_owned(), path: folder.path().join("s"), message_limit: 1 << 20 };
    let (notices, _news) = mpsc::channel(8);
    let opener = Opener { way: Way::Socket(&options), tail: Arc::<Tail>::default(), notices };
    let terms = Terms { probe: LONG, start: LONG, offers: Offers::NONE };
    let (link, greeting): (Link, Greeting) = handshake::greet_shared(&opener, None, terms).await.ok()?;
    let catalogue = fetch(&link, &greeting, ITEMS, LONG).await.ok();
    Some((greeting, catalogue))
}

/// Answers each request with the next of `answers`: a result, or an error behind `!`. Hangs up where that is no answer.
async fn serve(socket: &Socket, mut answers: VecDeque<String>) {
    while let Ok((stream, _)) = socket.listener().accept().await {
        let (input, mut output) = stream.into_split();
        let mut lines = BufReader::new(input).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let Ok(request) = Message::parse(line) else { panic!("the hub sends something that is no message") };
            let Some(id) = request.id() else { continue };
            let Some(answer) = answers.pop_front() else { break };
            let member = answer.strip_prefix('!').map_or(("result", answer.as_str()), |error| ("error", error));
            let text = format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"{}\":{}}}", member.0, member.1).replace('\n', " ");
            if Message::parse(text.clone()).is_err() || output.write_all(format!("{text}\n").as_bytes()).await.is_err()
            {
                break;
            }
        }
    }
}

/// What a page says of how long it may be kept, against `serde_json`.
fn kept(page: &str) {
    let hint = Hint::of(page);
    assert!(hint.fresh <= LONGEST);
    for tells in [false, true] {
        let again = hint.again(tells, Duration::from_secs(1));
        assert!(again.is_some_and(|wait| wait >= Duration::from_secs(1) && wait <= LONGEST) || tells, "never again");
    }
    assert_eq!(hint.and(hint), hint);
    assert!(hint.aged(LONGEST).fresh.is_zero());
    let Some(members) = input::object(page).filter(|_| !input::says_twice(page.trim())) else { return };
    assert_eq!(hint.public, members.get("cacheScope") == Some(&Value::from("public")), "for whom");
    let time = members.get("ttlMs").and_then(Value::as_f64).filter(|time| *time > 0.0).unwrap_or_default();
    let expected = (time / 1000.0).min(LONGEST.as_secs_f64());
    assert!((hint.fresh.as_secs_f64() - expected).abs() < 1e-6, "{time} ms are {:?}", hint.fresh);
}

fn greeted(greeting: &Greeting) {
    assert_eq!(version::era_of(&greeting.version), Some(greeting.era), "a version of the other era");
    for part in [&greeting.capabilities, &greeting.server_info] {
        assert!(base::json::from_text(part).is_ok(), "no JSON: {part}");
    }
}

fn listed(greeting: &Greeting, catalogue: &Catalogue) {
    let lists = [&catalogue.tools, &catalogue.prompts, &catalogue.resources, &catalogue.templates];
    for (index, (list, (_, _, key, capability))) in lists.into_iter().zip(&LISTS).enumerate() {
        let names: HashSet<&str> = list.iter().map(|item| item.key.as_str()).collect();
        assert_eq!(names.len(), list.len(), "two items, one name");
        assert!(list.len() <= ITEMS && (list.is_empty() || catalogue.can(capability)));
        for item in list {
            assert!(raw::duplicate(&item.json).is_none());
            assert_eq!(object(item).get(*key), Some(&Value::from(item.key.as_str())), "named otherwise");
        }
        assert!(catalogue.hints[index].is_none() || greeting.era == Era::Modern, "a legacy server gives no time");
    }
    assert!(catalogue.mirrors.keys().all(|name| catalogue.tools.iter().any(|tool| tool.key == *name)));
    assert!(catalogue.left_out.iter().all(|left| catalogue.tools.iter().all(|tool| tool.key != left.tool)));
}

fn object(item: &Item) -> Map<String, Value> {
    input::object(&item.json).unwrap_or_else(|| panic!("an item that is no object: {}", item.json))
}

/// Two servers of which each has the same: every name leads to where it came from.
fn shown(catalogue: &Arc<Catalogue>) {
    let source = |name: &str| Source { name: name.to_owned(), catalogue: Arc::clone(catalogue) };
    let both = build("all", &ViewSettings::default(), &[source("one"), source("two")]);
    let own = ViewSettings { servers: vec!["two".to_owned()], own_names: true, ..ViewSettings::default() };
    let own = build("own", &own, &[source("one"), source("two")]);
    for (view, times) in [(&both, 2), (&own, 1)] {
        assert!(view.faults.is_empty(), "a clash of different names");
        for index in 0..LISTS.len() {
            let mut catalogue = Catalogue::clone(catalogue);
            assert_eq!(view.lists[index].items.len(), catalogue.list_mut(index).len() * times, "items got lost");
        }
        assert!(view.instructions.as_ref().is_none_or(|text| text.chars().count() <= 2000));
        lead_back(view, catalogue);
    }
}

/// Searches the tools for the first of them by its name.
async fn found(catalogue: &Arc<Catalogue>) {
    let Some(first) = catalogue.tools.first() else { return };
    let sources = [Source { name: "one".to_owned(), catalogue: Arc::clone(catalogue) }];
    let view = build("all", &ViewSettings::default(), &sources);
    let discovery = Discovery::new(None);
    discovery.follow(&sources);
    discovery.settle(LONG).await;
    let queries = discovery.read(std::slice::from_ref(&first.key)).await;
    let found = discovery.search(&view, &queries, None, ITEMS);
    let places: HashSet<usize> = found.iter().map(|found| found.place).collect();
    assert_eq!(places.len(), found.len(), "a tool twice");
    assert!(found.iter().all(|found| found.place < view.lists[0].items.len() && found.score.is_finite()));
}

fn lead_back(view: &View, catalogue: &Catalogue) {
    for (index, routes, list) in [(0, &view.tools, &catalogue.tools), (1, &view.prompts, &catalogue.prompts)] {
        for item in &view.lists[index].items {
            assert!(view.name == "own" || naming::is_tool_name(&item.key), "clients do not take {}", item.key);
            let Some(route) = routes.get(&item.key) else { panic!("{} leads nowhere", item.key) };
            let Some(origin) = list.iter().find(|own| own.key == route.original) else { panic!("leads to nothing") };
            let (mut before, after) = (object(origin), object(item));
            before.insert("name".to_owned(), Value::from(item.key.as_str()));
            assert_eq!(before, after, "more than the name was changed");
            let listed = format!("{}__", route.upstream);
            assert!(view.name == "own" || item.key.starts_with(&listed), "{} leads to {}", item.key, route.upstream);
        }
    }
    for item in &view.lists[2].items {
        let Some(route) = view.resource(&item.key) else { panic!("{} cannot be read", item.key) };
        assert!(catalogue.resources.iter().any(|own| own.key == route.original), "{} is not there", route.original);
        let address = view.naming().address(&route.upstream, &route.original);
        assert_eq!(address, item.key.as_str(), "another address");
    }
}
