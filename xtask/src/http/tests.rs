use super::{body, get, post};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(60);

/// Answers one request with `answer`; gives the address, and the request once it has come.
fn serve(answer: &'static str) -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/mcp", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 1024];
        let length = stream.read(&mut request).unwrap();
        stream.write_all(answer.as_bytes()).unwrap();
        String::from_utf8_lossy(&request[..length]).into_owned()
    });
    (url, server)
}

#[test]
fn an_answer_is_read_to_its_end() {
    let (url, server) = serve("HTTP/1.0 200 OK\r\nA: b\r\n\r\n{\"servers\":[]}");
    assert_eq!(body(&get(&url, "/api", LIMIT).unwrap()), "{\"servers\":[]}");
    assert!(server.join().unwrap().starts_with("GET /api HTTP/1.0\r\nHost: 127.0.0.1:"));
}

#[test]
fn json_is_posted_with_its_headers() {
    let (url, server) = serve("HTTP/1.0 200 OK\r\n\r\nok");
    assert_eq!(body(&post(&url, &["A: b"], "{}", LIMIT).unwrap()), "ok");
    let request = server.join().unwrap();
    assert!(request.starts_with("POST /mcp HTTP/1.0\r\n"), "{request}");
    assert!(
        request.contains("\r\nA: b\r\n") && request.contains("Content-Length: 2") && request.ends_with("\r\n\r\n{}")
    );
}
