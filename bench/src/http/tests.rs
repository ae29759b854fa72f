use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::{Connection, Endpoint, Framing, parse_chunk_size, parse_head};

/// Answers every request on one connection with the given pieces, flushed one by one.
async fn scripted(pieces: Vec<&'static [u8]>) -> Endpoint {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/mcp", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let mut request = [0; 4096];
        while stream.read(&mut request).await.unwrap_or(0) > 0 {
            for piece in &pieces {
                stream.write_all(piece).await.unwrap();
                tokio::task::yield_now().await;
            }
        }
    });
    Endpoint::parse(&url).unwrap()
}

#[test]
fn endpoints_need_a_scheme_and_a_port() {
    let endpoint = Endpoint::parse("http://127.0.0.1:80/a/b").unwrap();
    assert_eq!((endpoint.authority.as_str(), endpoint.path.as_str()), ("127.0.0.1:80", "/a/b"));
    assert_eq!(Endpoint::parse("http://h:1").unwrap().path, "/");
    assert!(Endpoint::parse("https://h:1/").is_err());
    assert!(Endpoint::parse("http://h/mcp").is_err());
}

#[test]
fn heads_are_read_whatever_the_case_of_their_names() {
    let head = parse_head(
        b"HTTP/1.1 200 OK\r\ncontent-TYPE: text/event-stream; charset=utf-8\r\nMCP-Session-Id: abc\r\nTransfer-Encoding: chunked",
    )
    .unwrap();
    assert_eq!((head.status, head.event_stream, head.framing), (200, true, Framing::Chunked));
    assert_eq!(head.session.as_deref(), Some("abc"));
    assert_eq!(parse_head(b"HTTP/1.1 204 No Content").unwrap().framing, Framing::Length(0));
}

#[test]
fn heads_that_cannot_be_kept_alive_are_refused() {
    assert!(parse_head(b"HTTP/1.1 200 OK\r\nContent-Type: application/json").is_err());
    assert!(parse_head(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close").is_err());
    assert!(parse_head(b"HTTP/1.0 200 OK\r\nContent-Length: 1").is_err());
    assert!(parse_head(b"HTTP/1.1 200 OK\r\nContent-Length: many").is_err());
}

#[test]
fn chunk_sizes_are_hexadecimal_and_may_have_extensions() {
    assert_eq!(parse_chunk_size(b"1aF").unwrap(), 0x1af);
    assert_eq!(parse_chunk_size(b"5;name=value").unwrap(), 5);
    assert!(parse_chunk_size(b"").is_err());
    assert!(parse_chunk_size(b"xyz").is_err());
}

#[tokio::test]
async fn a_body_with_a_length_is_read_and_the_connection_stays_usable() {
    let endpoint = scripted(vec![b"HTTP/1.1 200 OK\r\nContent-Le", b"ngth: 5\r\n\r\nhe", b"llo"]).await;
    let mut connection = Connection::open(endpoint).await.unwrap();
    for _ in 0..3 {
        let head = connection.exchange("POST", "", "{}").await.unwrap();
        assert_eq!((head.status, connection.body()), (200, b"hello".as_slice()));
    }
}

#[tokio::test]
async fn chunks_are_joined_wherever_they_are_cut() {
    let pieces: Vec<&[u8]> = vec![
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/event-stream\r\n\r\n",
        b"3\r\nab",
        b"c\r",
        b"\n2\r\nde\r\n0\r\n",
        b"\r\n",
    ];
    let mut connection = Connection::open(scripted(pieces).await).await.unwrap();
    for _ in 0..2 {
        let head = connection.exchange("POST", "", "{}").await.unwrap();
        assert!(head.event_stream);
        assert_eq!(connection.body(), b"abcde");
    }
}

#[tokio::test]
async fn a_connection_that_ends_early_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/mcp", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        let _ = stream.read(&mut request).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort").await.unwrap();
    });
    let mut connection = Connection::open(Endpoint::parse(&url).unwrap()).await.unwrap();
    let error = connection.exchange("POST", "", "{}").await.unwrap_err();
    assert!(error.to_string().contains("closed the connection"), "{error}");
}
