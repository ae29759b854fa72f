use super::{Landing, query};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

#[test]
fn only_an_answer_of_a_browser_counts() {
    assert_eq!(query("GET /callback?code=c&state=s HTTP/1.1\r\n").as_deref(), Some("code=c&state=s"));
    assert_eq!(query("GET /callback?state=s&error=no HTTP/1.1").as_deref(), Some("state=s&error=no"));
    for other in [
        "",
        "GET /favicon.ico HTTP/1.1",
        "GET /callback HTTP/1.1",
        "GET /callback?state=s HTTP/1.1",
        "POST /callback?code=c HTTP/1.1",
        "GET /callbackx?code=c HTTP/1.1",
    ] {
        assert_eq!(query(other), None, "{other}");
    }
}

#[tokio::test]
async fn other_visitors_do_not_end_the_wait() {
    let landing = Landing::open(0).await.unwrap();
    let address = landing.address().replace("http://", "").replace("/callback", "");
    let connector = |text: &'static str| {
        let address = address.clone();
        async move {
            let (host, port) = address.split_once(':').unwrap();
            let connector = base::network::Connector::new(host, port.parse().unwrap(), false).unwrap();
            let mut stream = connector.connect().await.unwrap();
            stream.write_all(text.as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            answer
        }
    };
    let visits = async {
        let icon = connector("GET /favicon.ico HTTP/1.1\r\n\r\n").await;
        let answer = connector("GET /callback?code=c&state=s HTTP/1.1\r\nhost: x\r\n\r\n").await;
        (icon, answer)
    };
    let (query, (icon, answer)) = tokio::join!(landing.wait(Duration::from_secs(30)), visits);
    assert_eq!(query.unwrap().as_deref(), Some("code=c&state=s"));
    assert!(icon.starts_with("HTTP/1.1 404") && answer.contains("You may close this page"));
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(&format!("content-length: {}", body.len())) && head.contains("no-store"));
}
