use super::Link;
use super::outbox::{Outlet, Refused};
use super::shared::{self, Holder, Parts};
use super::tail::{Source, Tail};
use crate::{Era, Method};
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

#[tokio::test]
async fn an_end_that_writing_finds_first_is_told_with_the_last_words() {
    let tail = Arc::new(Tail::default());
    let link = shared::Link::new(Parts {
        name: "u".to_owned(),
        holder: Arc::new(Nobody),
        outlet: Arc::new(Broken),
        limit: 1 << 20,
        tail: Arc::clone(&tail),
        notices: mpsc::channel(1).0,
    });
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
