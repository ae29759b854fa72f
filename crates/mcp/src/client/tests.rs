use super::outbox::{Outlet, Refused};
use super::shared::{self, Holder, Parts};
use super::tail::{Source, Tail};
use super::{Inbound, Link, Request};
use crate::line::Line;
use crate::parameter::Headers;
use crate::{Era, Method};
use base::Code;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// A pipe whose reader has gone.
struct Broken;

impl Outlet for Broken {
    fn send(&self, _message: &str) -> Result<(), Refused> {
        Err(Refused::Closed)
    }

    fn close(&self) {}
}

struct Nobody;

impl Holder for Nobody {
    fn pid(&self) -> Option<u32> {
        None
    }

    fn again(&self) -> &'static str {
        "made"
    }

    fn noun(&self) -> &'static str {
        "the process of"
    }

    fn terminate(&self) {}

    fn kill(&self) {}
}

fn link(tail: &Arc<Tail>, outlet: Arc<dyn Outlet>) -> Arc<shared::Link> {
    shared::Link::new(Parts {
        name: "u".to_owned(),
        holder: Arc::new(Nobody),
        outlet,
        limit: 1 << 20,
        tail: Arc::clone(tail),
        notices: mpsc::channel(1).0,
    })
}

#[tokio::test]
async fn an_end_that_writing_finds_first_is_told_with_the_last_words() {
    let tail = Arc::new(Tail::default());
    let link = link(&tail, Arc::new(Broken));
    let (asked, told) = (Link::Shared(Arc::clone(&link)), Link::Shared(Arc::clone(&link)));
    let hour = Duration::from_secs(3600);
    let answer = asked.ask(Method::Initialize.name(), "{}", Era::Legacy, hour);
    let notified = told.notify(Method::Initialized.name(), None, Era::Legacy);
    let end = async {
        tail.push(Source::Error, b"no licence");
        link.close(link.fault("ended with exit code 3"));
    };
    let (answer, notified, ()) = tokio::join!(answer, notified, end);
    for error in [answer.unwrap_err(), notified.unwrap_err()] {
        assert_eq!(error.message(), "the process of `u` ended with exit code 3");
        assert_eq!(error.detail(), Some("no licence"));
    }
}

/// A pipe that takes everything.
struct Deaf;

impl Outlet for Deaf {
    fn send(&self, _message: &str) -> Result<(), Refused> {
        Ok(())
    }

    fn close(&self) {}
}

#[tokio::test]
async fn a16_what_was_asked_for_a_call_whose_answer_is_too_large_does_not_wait_for_ever() {
    let link = link(&Arc::default(), Arc::new(Deaf));
    let ask = r#"{"jsonrpc":"2.0","id":"q","method":"elicitation/create","params":{}}"#;
    for _ in 0..2 {
        let id = link.next_id();
        let headers = Headers::default();
        let (method, era, client) = (Method::ToolsCall.name(), Era::Legacy, Some(1));
        let request = Request { id, method, params: "{}", name: None, headers, era, notes: true, client };
        let mut call = shared::Link::call(&link, &request).unwrap();
        link.take_text(ask);
        assert!(matches!(call.next().await, Ok(Inbound::Ask(_))), "the same question, in another call");
        let head = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"#).into_bytes();
        link.take_line(Line::TooLong { length: 2 << 20, head, tail: Vec::new() });
        assert_eq!(call.next().await.unwrap_err().code(), Code::UpstreamAnswerTooLarge);
    }
}
