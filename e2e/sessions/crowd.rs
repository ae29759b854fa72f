//! Many clients of both eras that stay with a hub while it is restarted under them.
//!
//! Each does what a sensible client does and no more: it keeps its session, opens its stream again when that ends, and
//! repeats a call whose connection broke. Where the hub is it looks up: nobody keeps a port free between two processes.

use crate::harness::{Client, Era, Hub, Reply, Stream, eventually, within};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

/// How many clients there are.
pub(super) const CLIENTS: usize = 200;

/// How many of their steady calls go out at once. They take turns.
const AT_ONCE: usize = 16;

/// All clients.
pub(super) struct Crowd {
    pub(super) members: Vec<Arc<Member>>,
    place: Arc<Place>,
    tasks: Vec<JoinHandle<()>>,
}

/// The address of a hub, and which one in the row it is: another may have the same address by chance.
type Address = (usize, String);

/// What all clients share.
struct Place {
    /// Where the hub is; nothing while there is none.
    address: watch::Sender<Option<Address>>,
    turns: Semaphore,
    over: AtomicBool,
}

/// One client.
pub(super) struct Member {
    pub(super) name: String,
    client: Client,
    place: Arc<Place>,
    uri: String,
    /// How many steady calls were answered.
    answered: AtomicUsize,
    /// How often its stream was opened.
    opened: AtomicUsize,
    /// How often it was told that the resource has changed, on the stream that is open now.
    told: AtomicUsize,
}

impl Crowd {
    /// Half of the clients are legacy: each with a session, a level of log messages and a subscription. All open their
    /// streams, to be told of `uri`, and begin to call.
    pub(super) async fn gather(hub: &Hub, uri: &str) -> Self {
        let place = Arc::new(Place {
            address: watch::Sender::new(Some((1, hub.url.clone()))),
            turns: Semaphore::new(AT_ONCE),
            over: AtomicBool::new(false),
        });
        let mut members = Vec::new();
        for number in 0..CLIENTS {
            let client = hub.client_of(Era::BOTH[number % 2]).await;
            if client.era == Era::Legacy {
                client.request("logging/setLevel", json!({"level": "error"})).await.result();
                client.request("resources/subscribe", json!({"uri": uri})).await.result();
            }
            members.push(Arc::new(Member {
                name: format!("client {number}"),
                client,
                place: Arc::clone(&place),
                uri: uri.to_owned(),
                answered: AtomicUsize::new(0),
                opened: AtomicUsize::new(0),
                told: AtomicUsize::new(0),
            }));
        }
        let start = |member: &Arc<Member>| {
            let (calling, listening) = (Arc::clone(member), Arc::clone(member));
            [
                tokio::spawn(async move { calling.call_on().await }),
                tokio::spawn(async move { listening.listen_on().await }),
            ]
        };
        let tasks = members.iter().flat_map(start).collect();
        Self { members, place, tasks }
    }

    /// There is no hub at the moment.
    pub(super) fn lose_address(&self) {
        self.place.address.send_replace(None);
    }

    /// Here is the hub, the how manieth in the row.
    pub(super) fn find_address(&self, hub: &Hub, number: usize) {
        self.place.address.send_replace(Some((number, hub.url.clone())));
    }

    /// Waits until all clients are back: each has had answers from now on, and has opened its stream `times` times.
    pub(super) async fn is_back(&self, times: usize) {
        let before: Vec<usize> = self.members.iter().map(|member| count(&member.answered)).collect();
        eventually("every client has a stream and answers", || async {
            self.assert_no_failure();
            let away = |(member, before): (&Arc<Member>, &usize)| {
                // More than one, so that one of them went out after this wait began.
                let well = count(&member.answered) >= before + 2 && count(&member.opened) == times;
                (!well).then(|| member.name.clone())
            };
            let away: Vec<String> = self.members.iter().zip(&before).filter_map(away).collect();
            if away.is_empty() { Ok(()) } else { Err(format!("not back: {away:?}")) }
        })
        .await;
    }

    /// Waits until all clients are told of a change of the resource, which `touch` makes.
    pub(super) async fn is_told(&self, touch: impl AsyncFn()) {
        eventually("every client is told of the resource", || async {
            self.assert_no_failure();
            touch().await;
            let deaf = self.members.iter().filter(|member| count(&member.told) == 0).map(|member| member.name.clone());
            let deaf: Vec<String> = deaf.collect();
            if deaf.is_empty() { Ok(()) } else { Err(format!("not told: {deaf:?}")) }
        })
        .await;
    }

    /// Has every client go, and reports what went wrong in its tasks.
    pub(super) async fn disperse(self) {
        self.place.over.store(true, Ordering::SeqCst);
        self.lose_address();
        for task in self.tasks {
            within("a client goes", task).await.expect("a client has no reason to complain");
        }
    }

    /// A client that has failed has said why; nobody needs to wait for it.
    fn assert_no_failure(&self) {
        assert!(!self.tasks.iter().any(JoinHandle::is_finished), "a client has given up");
    }
}

impl Member {
    pub(super) fn is_legacy(&self) -> bool {
        self.client.era == Era::Legacy
    }

    /// The client, at the present address of the hub.
    pub(super) fn client(&self) -> Client {
        let address = self.place.address.borrow().clone();
        self.client.clone().at(&address.expect("there is a hub").1)
    }

    /// Calls until the call is answered, once more with each hub if the connection broke. Gives nothing when all is over.
    pub(super) async fn call(&self, tool: &str, arguments: &Value) -> Option<(Reply, usize)> {
        let mut address = self.place.address.subscribe();
        let (mut tried, mut broken) = (None, 0);
        loop {
            tried = Some(self.place.next_after(&mut address, tried.as_ref()).await?);
            let client = self.client.clone().at(&tried.as_ref()?.1);
            match client.start_call(tool, arguments.clone()).end().await {
                Ok(reply) => return Some((reply, broken)),
                Err(_) => broken += 1,
            }
        }
    }

    /// Calls again and again, in turn with the others. Each answer must be that of its own call.
    async fn call_on(&self) {
        for number in 0.. {
            let turn = self.place.turns.acquire().await.expect("nobody closes it");
            let message = format!("{} says {number}", self.name);
            let answered = self.call("good__echo", &json!({"message": message})).await;
            drop(turn);
            let Some((reply, _)) = answered else { return };
            assert_eq!(reply.text(), message);
            self.answered.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Keeps a stream open, with each hub in turn.
    async fn listen_on(&self) {
        let mut address = self.place.address.subscribe();
        let mut tried = None;
        loop {
            tried = self.place.next_after(&mut address, tried.as_ref()).await;
            let Some(here) = &tried else { return };
            let client = self.client.clone().at(&here.1);
            let stream = match client.era {
                Era::Legacy => client.listen().await,
                Era::Modern => client.subscribe(&json!({"resourceSubscriptions": [self.uri]}), &json!("news")).await,
            };
            self.told.store(0, Ordering::SeqCst);
            self.opened.fetch_add(1, Ordering::SeqCst);
            tokio::select! {
                () = self.read(stream) => {}
                _ = address.wait_for(|address| address.as_ref() != Some(here)) => {}
            }
        }
    }

    async fn read(&self, mut stream: Stream) {
        while let Some(data) = stream.next_data().await {
            let message: Value = serde_json::from_str(&data).expect("an event is JSON");
            if message["method"] == "notifications/resources/updated" {
                assert_eq!(message["params"]["uri"], self.uri.as_str());
                self.told.fetch_add(1, Ordering::SeqCst);
            } else if message.get("method").is_none() {
                assert_eq!(message["id"], "news", "no answer comes to where nobody asked: {message}");
            }
        }
    }
}

impl Place {
    /// The next address after the one that was tried; nothing when all is over.
    async fn next_after(
        &self,
        address: &mut watch::Receiver<Option<Address>>,
        tried: Option<&Address>,
    ) -> Option<Address> {
        let changed = |address: &Option<Address>| self.is_over() || (address.is_some() && address.as_ref() != tried);
        let next = address.wait_for(changed).await.ok()?.clone();
        next.filter(|_| !self.is_over())
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }
}

fn count(number: &AtomicUsize) -> usize {
    number.load(Ordering::SeqCst)
}
