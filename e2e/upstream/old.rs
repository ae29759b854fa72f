//! The upstream over the HTTP transport of version 2024-11-05: a stream of events, and an address for messages.

use super::connections::{connect, until_input_ends};
use super::desk::lock;
use super::http::{Body, body::Events, headers_of, plain, respond};
use super::outlet::Outlet;
use super::server::{Link, Server};
use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::{Method, Request, Response, StatusCode, service::service_fn};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

/// Listens on a free port, says where, and serves until standard input ends.
pub(crate) async fn serve(server: Arc<Server>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
    let address = listener.local_addr().expect("a listener has an address");
    Outlet::Stdout.send_raw(format!("http://{address}/sse").into_bytes());
    let links = Arc::new(Mutex::new(Vec::<Link>::new()));
    let accept = async {
        loop {
            let Ok((socket, _)) = listener.accept().await else { continue };
            let (server, links) = (Arc::clone(&server), Arc::clone(&links));
            let service = service_fn(move |request| {
                let (server, links) = (Arc::clone(&server), Arc::clone(&links));
                async move { Ok::<_, Infallible>(handle(&server, &links, request).await) }
            });
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(socket), service));
        }
    };
    until_input_ends(accept).await;
}

async fn handle(server: &Arc<Server>, links: &Mutex<Vec<Link>>, request: Request<Incoming>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = body.collect().await else { return plain(StatusCode::BAD_REQUEST, "no body") };
    let body = body.to_bytes();
    server.recorder.write(&body, &headers_of(&parts.method, &parts.headers));
    if let Some((name, wanted)) = &server.options.require_header
        && parts.headers.get(name).is_none_or(|value| value != wanted.as_str())
    {
        return plain(StatusCode::UNAUTHORIZED, "a header is missing");
    }
    match (parts.method, parts.uri.path()) {
        (Method::GET, "/sse") => {
            let (link, receiver) = connect();
            let usual = format!("/messages?session_id={}", link.session.name);
            let named = server.options.endpoint.clone().unwrap_or(usual);
            let first = Bytes::from(format!("event: endpoint\ndata: {named}\n\n"));
            lock(links).push(link);
            respond(
                StatusCode::OK,
                "text/event-stream",
                Named { first: Some(first), events: Events::endless(receiver) }.boxed_unsync(),
            )
        }
        (Method::POST, "/messages") => {
            let query = parts.uri.query().unwrap_or_default();
            let name = query.strip_prefix("session_id=").unwrap_or_default();
            let mut links = lock(links);
            links.retain(|link| !link.outlet.is_gone());
            let Some(link) = links.iter().find(|link| link.session.name == name).cloned() else {
                return plain(StatusCode::NOT_FOUND, "Could not find session");
            };
            if !server.options.silent {
                server.receive(&body, &link);
            }
            plain(StatusCode::ACCEPTED, "Accepted")
        }
        (_, "/sse" | "/messages") => plain(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed"),
        _ => plain(StatusCode::NOT_FOUND, "Not Found"),
    }
}

/// The event that names the address, and then the messages.
struct Named {
    first: Option<Bytes>,
    events: Events,
}

impl hyper::body::Body for Named {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, Infallible>>> {
        match self.first.take() {
            Some(first) => std::task::Poll::Ready(Some(Ok(hyper::body::Frame::data(first)))),
            None => std::pin::Pin::new(&mut self.events).poll_frame(context),
        }
    }
}
