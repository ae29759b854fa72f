use crate::client::child::Options;
use crate::client::tail::Tail;
use crate::client::{Link, shared, stdio};
use crate::{Era, Method};
use base::Code;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// A server that is a script.
fn server(script: &str, tail: &Arc<Tail>) -> Arc<shared::Link> {
    let options = Options {
        name: "u".to_owned(),
        program: "sh".to_owned(),
        arguments: vec!["-c".to_owned(), script.to_owned()],
        environment: vec![("PATH".to_owned(), "/usr/local/bin:/usr/bin:/bin".to_owned())],
        directory: "/".into(),
        bounds: crate::client::bounds::Bounds::default(),
        supervisor: None,
        grace: Duration::from_secs(3600),
        message_limit: 1 << 20,
    };
    stdio::start(&options, Arc::clone(tail), mpsc::channel(1).0).unwrap()
}

#[tokio::test]
async fn who_asks_a_server_that_closed_its_input_does_not_wait_in_vain() {
    let tail = Arc::new(Tail::default());
    let link = server("exec 0<&-; echo deaf >&2; exec sleep 3600", &tail);
    while tail.words(0, 1).is_none() {
        tokio::task::yield_now().await;
    }
    let hour = Duration::from_secs(3600);
    let link = Link::Shared(link);
    let error = link.ask(Method::Initialize.name(), "{}", Era::Legacy, hour).await.unwrap_err();
    assert_eq!(error.code(), Code::UpstreamExited);
    assert_eq!(error.detail(), Some("deaf"));
}
