use super::*;
use crate::config::{File, Settings};
use base::Secret;
use base::ports::{LocalAddress, Wait};
use base::seal::Sealer;
use signatures::Signatures;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// Where a model is said to be, one after another; each that was left is over.
struct Places {
    places: Mutex<Vec<SocketAddr>>,
    ends: AtomicUsize,
    over: bool,
}

impl ModelProcesses for Places {
    fn reach<'a>(&'a self, _: &'a LocalModel) -> Wait<'a, LocalAddress> {
        let address = self.places.lock().unwrap().pop().expect("it is not reached more often than there are places");
        Box::pin(async move { Ok(LocalAddress { address, authorization: Secret::new("Bearer x".into()) }) })
    }

    fn is_over<'a>(&'a self, _: &'a LocalModel, _: SocketAddr) -> Wait<'a, bool> {
        self.ends.fetch_add(1, Ordering::Relaxed);
        Box::pin(async { Ok(self.over) })
    }
}

/// An address at which nothing listens.
async fn nowhere() -> SocketAddr {
    base::network::listen((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap().local_addr().unwrap()
}

/// An address at which one connection is answered with `said`, or closed.
async fn somewhere(said: &'static str) -> SocketAddr {
    let listener = base::network::listen((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
    let address = listener.local_addr().unwrap();
    base::task::spawn("process", async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await;
        stream.write_all(said.as_bytes()).await.unwrap();
    });
    address
}

const ANSWER: &str = concat!(
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 95\r\n\r\n",
    r#"{"choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]} "#
);

#[tokio::test]
async fn a_process_that_ended_before_it_was_asked_is_followed_by_another() {
    let table = [
        ("it ended", vec![somewhere(ANSWER).await, nowhere().await], true, None, 1),
        ("it answers", vec![somewhere(ANSWER).await], true, None, 0),
        ("it goes on", vec![nowhere().await], false, Some(Code::ModelUnreachable), 1),
        ("both ended", vec![nowhere().await, nowhere().await], true, Some(Code::ModelUnreachable), 1),
        ("it ended while it was asked", vec![somewhere("").await], true, Some(Code::ModelBroken), 1),
    ];
    let signatures = Signatures::open(store::Db::memory().await.unwrap(), None, &Sealer::new(&[1; 32])).await.unwrap();
    let mut settings = Settings::default();
    settings.serve_files(&[File { name: "tiny".to_owned(), context: None, listed: true }]);
    let (name, settings) = settings.providers.pop_first().unwrap();
    let body = r#"{"model":"builtin/tiny","messages":[]}"#;
    let asked = Asked::read(Endpoint::ChatCompletions, None, Bytes::from_static(body.as_bytes())).unwrap();
    let deployment = config::Deployment { provider: name.clone(), model: "tiny".to_owned() };
    for (what, places, over, expected, ends) in table {
        let places = Arc::new(Places { places: Mutex::new(places), ends: AtomicUsize::new(0), over });
        let processes: Arc<dyn ModelProcesses> = Arc::<Places>::clone(&places);
        let provider = Provider::new(&name, settings.clone());
        let owner = Arc::from("owner");
        let keeping = Keeping { signatures: &signatures, owner: &owner, trusted: true, thinks: None, sent: None };
        let given = HeaderMap::new();
        let reply =
            provider.ask(&"builtin/tiny".into(), &deployment, (&asked, &given), keeping, Some(&processes)).await;
        assert_eq!(reply.err().map(|failure| failure.error.code()), expected, "{what}");
        assert_eq!(places.ends.load(Ordering::Relaxed), ends, "{what}");
        assert!(places.places.lock().unwrap().is_empty(), "{what}");
    }
}
