use super::{Guard, PATIENCE, Web};
use crate::oauth::address::Address;
use base::{Code, task};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// How a server is slow.
#[derive(Clone, Copy)]
enum Slow {
    /// It takes the request and says nothing.
    Silent,
    /// It stops within the head.
    WithinHead,
    /// It stops within the body.
    WithinBody,
    /// It sends the body byte by byte and never ends.
    Trickling,
}

/// The address of a server that is slow in this way.
async fn server(slow: Slow) -> Address {
    let listener = base::network::listen(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = Address::parse(&format!("http://{}/document", listener.local_addr().unwrap())).unwrap();
    task::spawn_light(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await;
        let text = match slow {
            Slow::Silent => "",
            Slow::WithinHead => "HTTP/1.1 200 OK\r\ncontent-type: appli",
            Slow::WithinBody | Slow::Trickling => "HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n{\"issuer\":",
        };
        let _ = stream.write_all(text.as_bytes()).await;
        if matches!(slow, Slow::Trickling) {
            let mut beat = tokio::time::interval(Duration::from_millis(5));
            while stream.write_all(b" ").await.is_ok() {
                beat.tick().await;
            }
        }
        // Open until the other end gives up.
        let _ = stream.read(&mut [0; 1]).await;
    });
    address
}

/// Whatever a server sends, and however slowly: the time is that of the whole, and it is over.
#[tokio::test]
async fn a73_a_slow_document_is_cut_off() {
    for slow in [Slow::Silent, Slow::WithinHead, Slow::WithinBody, Slow::Trickling] {
        let address = server(slow).await;
        let mut web = Web::new("docs", Guard::of("127.0.0.1", &[]));
        assert_eq!(web.patience, PATIENCE);
        web.patience = Duration::from_millis(100);
        let error = web.get(&address).await.unwrap_err();
        assert_eq!(error.code(), Code::OauthUnreachable, "{error}");
        assert!(error.message().contains("no answer within 100ms"), "{error}");
    }
}
