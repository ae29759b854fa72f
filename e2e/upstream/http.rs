//! The upstream over streamable HTTP: sessions for the legacy era, checked headers for the modern one.

use super::desk::lock;
use super::era::{self, META_VERSION, MODERN};
use super::flaky::{self, How};
use super::options::{DiscoverAnswer, Speaks};
use super::outlet::Outlet;
use super::server::{Link, Refusal, Server, Session};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, combinators::UnsyncBoxBody};
use hyper::body::Incoming;
use hyper::header::{HeaderMap, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Map, Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{mpsc, watch};

pub(super) mod body;

use body::Events;

pub(super) type Body = UnsyncBoxBody<Bytes, Infallible>;

const SESSION: &str = "mcp-session-id";

/// Listens on a free port, says where on standard output, and serves until standard input ends.
pub(crate) async fn serve(server: Arc<Server>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
    let address = listener.local_addr().expect("a listener has an address");
    Outlet::Stdout.send_raw(format!("http://{address}/mcp").into_bytes());
    let (ready, delayed) = watch::channel(false);
    let waiting = Arc::clone(&server);
    tokio::spawn(async move {
        waiting.delay().await;
        ready.send_replace(true);
    });
    let accept = async {
        loop {
            let Ok((socket, _)) = listener.accept().await else { continue };
            let (server, delayed) = (Arc::clone(&server), delayed.clone());
            let service = service_fn(move |request| {
                let (server, mut delayed) = (Arc::clone(&server), delayed.clone());
                async move {
                    let _ = delayed.wait_for(|over| *over).await;
                    handle(&server, request).await.ok_or_else(|| std::io::Error::other("a reset by order"))
                }
            });
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(socket), service));
        }
    };
    let mut nothing = Vec::new();
    let mut input = tokio::io::stdin();
    tokio::select! {
        () = accept => {}
        _ = tokio::io::AsyncReadExt::read_to_end(&mut input, &mut nothing) => {}
    }
}

/// Answers a request, or ends its connection.
async fn handle(server: &Arc<Server>, request: Request<Incoming>) -> Option<Response<Body>> {
    let (parts, body) = request.into_parts();
    let Ok(body) = body.collect().await else { return Some(plain(StatusCode::BAD_REQUEST, "no body")) };
    let body = body.to_bytes();
    server.recorder.write(&body, &headers_of(&parts.method, &parts.headers));
    let message = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let planned = flaky::begin(server, &message);
    match &planned {
        Some(How::Reset) => None,
        Some(How::Garbage) => Some(plain(StatusCode::OK, "{ this is no message")),
        Some(How::Status(status, retry_after)) => {
            let status = StatusCode::from_u16(*status).expect("the test wants a status that there is");
            let mut response = plain(status, "refused by order");
            if let Some(wait) = retry_after {
                let wait = HeaderValue::from_str(wait).expect("the test wants a value that there can be");
                response.headers_mut().insert(hyper::header::RETRY_AFTER, wait);
            }
            Some(response)
        }
        _ => Some(serve_one(server, &parts, &body, planned).await),
    }
}

async fn serve_one(server: &Arc<Server>, parts: &Parts, body: &[u8], planned: Option<How>) -> Response<Body> {
    if let Some((name, wanted)) = &server.options.require_header
        && parts.headers.get(name).is_none_or(|value| value != wanted.as_str())
    {
        return plain(StatusCode::UNAUTHORIZED, "a header is missing");
    }
    if server.options.silent {
        std::future::pending::<()>().await;
    }
    match parts.method {
        Method::POST => post(server, &parts.headers, body, planned).await,
        Method::GET | Method::DELETE if server.options.speaks == Speaks::Modern => {
            plain(StatusCode::METHOD_NOT_ALLOWED, "only POST")
        }
        Method::GET => match find_session(server, &parts.headers) {
            Ok(session) => {
                let (sender, receiver) = mpsc::unbounded_channel();
                server.desk.listen(Outlet::Stream(sender), &session.name, None);
                event_stream(Events::endless(receiver))
            }
            Err(refused) => *refused,
        },
        Method::DELETE => match find_session(server, &parts.headers) {
            Ok(session) => {
                lock(&server.sessions).retain(|known| known.name != session.name);
                server.desk.forget(&session.name);
                plain(StatusCode::OK, "")
            }
            Err(refused) => *refused,
        },
        _ => plain(StatusCode::METHOD_NOT_ALLOWED, "POST, GET or DELETE"),
    }
}

async fn post(server: &Arc<Server>, headers: &HeaderMap, raw: &[u8], planned: Option<How>) -> Response<Body> {
    let Ok(message) = serde_json::from_slice::<Value>(raw) else {
        return refuse(StatusCode::BAD_REQUEST, &Refusal::new(-32700, "Parse error"), &Value::Null);
    };
    let id = message.get("id").cloned().unwrap_or(Value::Null);
    let modern = message["params"]["_meta"].get(META_VERSION).is_some() && server.options.speaks != Speaks::Legacy;
    if server.options.speaks == Speaks::Modern && !modern && message.get("id").is_some() {
        return refuse(StatusCode::BAD_REQUEST, &era::refuse_legacy(server, &message), &id);
    }
    let session = if modern {
        if let Err(refusal) = check_headers(headers, &message) {
            return refuse(StatusCode::BAD_REQUEST, &refusal, &id);
        }
        new_session()
    } else {
        match session_of(server, headers, &message).await {
            Ok(session) => session,
            Err(refused) => return *refused,
        }
    };
    let (sender, receiver) = mpsc::unbounded_channel();
    let link = Link { outlet: Outlet::Stream(sender), session: Arc::clone(&session), planned: Some(planned) };
    server.receive(raw, &link);
    drop(link);
    let wants_answer = message.get("id").is_some() && message.get("method").is_some();
    if !wants_answer {
        return plain(StatusCode::ACCEPTED, "");
    }
    let mut response = answer(server, receiver, id).await;
    if message["method"] == "initialize" && server.options.speaks != Speaks::Modern {
        lock(&server.sessions).push(Arc::clone(&session));
        response.headers_mut().insert(SESSION, HeaderValue::from_str(&session.name).expect("a name is plain text"));
    }
    response
}

/// As plain JSON if that is wanted and the answer comes first, otherwise as a stream that ends with the answer.
async fn answer(server: &Server, mut receiver: mpsc::UnboundedReceiver<Vec<u8>>, id: Value) -> Response<Body> {
    if !server.options.json {
        return event_stream(Events::until(receiver, id));
    }
    let Some(first) = receiver.recv().await else { return plain(StatusCode::INTERNAL_SERVER_ERROR, "no answer") };
    if body::answers(&first, &id) {
        return json_response(StatusCode::OK, first);
    }
    event_stream(Events::until(receiver, id).after(first))
}

fn new_session() -> Arc<Session> {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    Session::new(format!("session-{}-{number}", std::process::id()))
}

/// The session that a legacy message belongs to.
async fn session_of(
    server: &Server,
    headers: &HeaderMap,
    message: &Value,
) -> Result<Arc<Session>, Box<Response<Body>>> {
    if message["method"] == "initialize" {
        return Ok(new_session());
    }
    if headers.contains_key(SESSION) {
        return find_session(server, headers);
    }
    let id = message.get("id").unwrap_or(&Value::Null);
    let refusal = match server.options.discover {
        DiscoverAnswer::Silent if message["method"] == "server/discover" => std::future::pending().await,
        _ => Refusal::new(-32000, "Bad Request: no valid session ID provided"),
    };
    Err(Box::new(refuse(StatusCode::BAD_REQUEST, &refusal, id)))
}

fn find_session(server: &Server, headers: &HeaderMap) -> Result<Arc<Session>, Box<Response<Body>>> {
    let Some(name) = headers.get(SESSION).and_then(|value| value.to_str().ok()) else {
        return Err(Box::new(plain(StatusCode::BAD_REQUEST, "no session")));
    };
    let found = lock(&server.sessions).iter().find(|session| session.name == name).cloned();
    found.ok_or_else(|| {
        Box::new(refuse(StatusCode::NOT_FOUND, &Refusal::new(-32001, "Session not found"), &Value::Null))
    })
}

/// The headers of a modern request must say what the body says.
fn check_headers(headers: &HeaderMap, message: &Value) -> Result<(), Refusal> {
    let params = &message["params"];
    let named = match message["method"].as_str() {
        Some("tools/call" | "prompts/get") => params["name"].as_str(),
        Some("resources/read") => params["uri"].as_str(),
        Some("tasks/get" | "tasks/update" | "tasks/cancel") => params["taskId"].as_str(),
        _ => None,
    };
    let expected = [
        ("mcp-protocol-version", params["_meta"][META_VERSION].as_str()),
        ("mcp-method", message["method"].as_str()),
        ("mcp-name", named),
    ];
    for (header, wanted) in expected {
        let Some(wanted) = wanted else { continue };
        let given = headers.get(header).and_then(|value| value.to_str().ok()).and_then(body::decode_header);
        if given.as_deref() != Some(wanted) {
            let text = format!("the header {header} is {given:?}, the body says {wanted}");
            return Err(Refusal::new(-32020, text));
        }
    }
    if params["_meta"][META_VERSION] != MODERN {
        let data = json!({"supported": [MODERN], "requested": params["_meta"][META_VERSION]});
        return Err(Refusal::new(-32022, "Unsupported protocol version").with_data(data));
    }
    Ok(())
}

/// The headers for the record; the method goes with them.
pub(super) fn headers_of(method: &Method, headers: &HeaderMap) -> Map<String, Value> {
    let mut all = Map::new();
    all.insert(":method".to_owned(), method.as_str().into());
    for (name, value) in headers {
        all.insert(name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into());
    }
    all
}

fn refuse(status: StatusCode, refusal: &Refusal, id: &Value) -> Response<Body> {
    json_response(status, refusal.answer(id).to_string().into_bytes())
}

fn json_response(status: StatusCode, bytes: Vec<u8>) -> Response<Body> {
    respond(status, "application/json", Full::new(Bytes::from(bytes)).boxed_unsync())
}

pub(super) fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    respond(status, "text/plain", Full::new(Bytes::from(text)).boxed_unsync())
}

fn event_stream(events: Events) -> Response<Body> {
    respond(StatusCode::OK, "text/event-stream", events.boxed_unsync())
}

pub(super) fn respond(status: StatusCode, kind: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(hyper::header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
