//! A protected MCP server and its authorization server, in this process. Both keep the rules unless they are told to break
//! one, and remember everything that they are sent.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::{Request, Response, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Both servers.
pub(crate) struct Realm {
    resource: String,
    authorities: [String; 2],
    state: Arc<Mutex<State>>,
    tasks: Vec<JoinHandle<()>>,
}

/// What happened, and what is to happen.
pub(super) struct State {
    /// All requests in their order.
    pub(super) seen: Vec<Seen>,
    /// Tokens that work, and what for.
    pub(super) tokens: HashMap<String, Vec<String>>,
    /// The refresh token that works.
    pub(super) refresh: Option<String>,
    /// Answers in place of the usual, by path.
    pub(super) answers: HashMap<&'static str, Reply>,
    /// Members that the documents have in place of the usual; null takes one out.
    pub(super) resource_metadata: Value,
    /// As above, for the authorization server.
    pub(super) metadata: Value,
    /// `iss` of the answer to the browser; nothing leaves it out.
    pub(super) iss: Option<String>,
    /// What a token is said to last, in seconds.
    pub(super) expires_in: u64,
    /// Whether a token is given a refresh token.
    pub(super) refreshes: bool,
    /// Which of the two authorization servers the resource names.
    pub(super) authority: usize,
    /// What the tool `admin` wants.
    pub(super) admin: &'static str,
    /// Whether scopes are granted; otherwise the token never gets them.
    pub(super) generous: bool,
    code: Option<(String, String, String)>,
    count: usize,
}

/// A request.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// Host and port that it came to.
    pub(super) at: String,
    pub(super) path: String,
    pub(super) authorization: Option<String>,
    /// Its query and its form.
    pub(super) values: BTreeMap<String, String>,
    pub(super) body: String,
}

/// Status, headers and body.
type Reply = (u16, Vec<(&'static str, String)>, String);

impl Realm {
    pub(crate) async fn start() -> Self {
        let listen = || async { TcpListener::bind("127.0.0.1:0").await.expect("there is a free port") };
        let listeners = [listen().await, listen().await, listen().await];
        let urls = listeners.each_ref().map(|one| format!("http://{}", one.local_addr().expect("it has an address")));
        let [resource, first, second] = urls;
        let state = Arc::new(Mutex::new(State {
            seen: Vec::new(),
            tokens: HashMap::new(),
            refresh: None,
            answers: HashMap::new(),
            resource_metadata: json!({}),
            metadata: json!({}),
            iss: None,
            expires_in: 3600,
            refreshes: true,
            authority: 0,
            admin: "admin",
            generous: true,
            code: None,
            count: 0,
        }));
        let mut tasks = Vec::new();
        for listener in listeners {
            let (state, resource, authorities) =
                (Arc::clone(&state), resource.clone(), [first.clone(), second.clone()]);
            tasks.push(tokio::spawn(serve(listener, state, resource, authorities)));
        }
        Self { resource, authorities: [first, second], state, tasks }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("{}/mcp", self.resource)
    }

    pub(super) fn authority(&self, number: usize) -> &str {
        &self.authorities[number]
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder of this lock panics")
    }

    /// The requests for `path`.
    pub(super) fn seen(&self, path: &str) -> Vec<Seen> {
        self.state().seen.iter().filter(|seen| seen.path == path).cloned().collect()
    }
}

impl Drop for Realm {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

async fn serve(listener: TcpListener, state: Arc<Mutex<State>>, resource: String, authorities: [String; 2]) {
    let own = format!("http://{}", listener.local_addr().expect("it has an address"));
    loop {
        let Ok((socket, _)) = listener.accept().await else { continue };
        let (state, own, resource, authorities) =
            (Arc::clone(&state), own.clone(), resource.clone(), authorities.clone());
        let service = service_fn(move |request: Request<Incoming>| {
            let (state, own, resource, authorities) =
                (Arc::clone(&state), own.clone(), resource.clone(), authorities.clone());
            async move {
                let seen = read(request, &own).await;
                let mut state = state.lock().expect("no holder of this lock panics");
                state.seen.push(seen.clone());
                let world = World { own, resource, authorities };
                let (status, headers, body) = state.answer(&seen, &world);
                let mut response = Response::builder().status(status).header("content-type", "application/json");
                for (name, value) in headers {
                    response = response.header(name, value);
                }
                Ok::<_, Infallible>(response.body(Full::new(Bytes::from(body))).expect("a valid answer"))
            }
        });
        tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(socket), service));
    }
}

async fn read(request: Request<Incoming>, own: &str) -> Seen {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let body = String::from_utf8_lossy(&body).into_owned();
    let is_form = head.headers.get("content-type").is_some_and(|kind| kind == "application/x-www-form-urlencoded");
    let query = head.uri.query().unwrap_or_default();
    let text = if is_form { format!("{query}&{body}") } else { query.to_owned() };
    let header = head.headers.get("authorization").and_then(|value| value.to_str().ok());
    Seen {
        at: own.to_owned(),
        path: head.uri.path().to_owned(),
        authorization: header.map(str::to_owned),
        values: form(&text),
        body,
    }
}

/// Where the servers are.
struct World {
    own: String,
    resource: String,
    authorities: [String; 2],
}

impl State {
    fn answer(&mut self, seen: &Seen, world: &World) -> Reply {
        if let Some(answer) = self.answers.get(seen.path.as_str()) {
            return answer.clone();
        }
        match seen.path.as_str() {
            "/mcp" => self.mcp(seen, world),
            "/.well-known/oauth-protected-resource/mcp" if world.own == world.resource => {
                let issuer = &world.authorities[self.authority];
                let usual = json!({"resource": format!("{}/mcp", world.resource), "authorization_servers": [issuer]});
                json_of(&merged(usual, &self.resource_metadata))
            }
            "/.well-known/oauth-authorization-server" if world.own != world.resource => {
                let own = &world.own;
                let usual = json!({
                    "issuer": own,
                    "authorization_endpoint": format!("{own}/authorize"),
                    "token_endpoint": format!("{own}/token"),
                    "registration_endpoint": format!("{own}/register"),
                    "code_challenge_methods_supported": ["S256"],
                    "token_endpoint_auth_methods_supported": ["none", "client_secret_basic"],
                });
                json_of(&merged(usual, &self.metadata))
            }
            "/register" => {
                self.count += 1;
                (201, Vec::new(), json!({"client_id": format!("client-{}", self.count)}).to_string())
            }
            "/authorize" => self.authorize(seen),
            "/token" => self.token(seen),
            "/revoke" => self.revoke(seen),
            _ => (404, Vec::new(), "{}".to_owned()),
        }
    }

    /// A person who always says yes.
    fn authorize(&mut self, seen: &Seen) -> Reply {
        let value = |name: &str| seen.values.get(name).cloned().unwrap_or_default();
        self.count += 1;
        let code = format!("code-{}", self.count);
        self.code = Some((code.clone(), value("code_challenge"), value("scope")));
        let iss = self.iss.iter().map(|iss| format!("&iss={iss}")).collect::<String>();
        let location = format!("{}?code={code}&state={}{iss}", value("redirect_uri"), value("state"));
        (302, vec![("location", location)], String::new())
    }

    fn token(&mut self, seen: &Seen) -> Reply {
        let value = |name: &str| seen.values.get(name).cloned().unwrap_or_default();
        let refused = |why: &str| (400, Vec::new(), json!({"error": why}).to_string());
        let scopes = match value("grant_type").as_str() {
            "authorization_code" => {
                let Some((code, challenge, scopes)) = self.code.take() else { return refused("invalid_grant") };
                let digest = s256(&value("code_verifier"));
                if code != value("code") || challenge != digest || value("resource").is_empty() {
                    return refused("invalid_grant");
                }
                scopes
            }
            "refresh_token" => {
                if self.refresh.as_deref() != Some(&value("refresh_token")) {
                    return refused("invalid_grant");
                }
                "kept".to_owned()
            }
            "client_credentials" => {
                if seen.authorization.as_deref() != Some("Basic bWU6Y2FuYXJ5LXNlY3JldA==") {
                    return (401, Vec::new(), json!({"error": "invalid_client"}).to_string());
                }
                value("scope")
            }
            _ => return refused("unsupported_grant_type"),
        };
        self.count += 1;
        let token = format!("canary-token-{}", self.count);
        let scopes: Vec<String> = scopes.split(' ').filter(|_| self.generous).map(str::to_owned).collect();
        self.tokens.insert(token.clone(), scopes);
        let mut answer = json!({"access_token": token, "token_type": "Bearer", "expires_in": self.expires_in});
        if self.refreshes && value("grant_type") != "client_credentials" {
            let refresh = format!("canary-refresh-{}", self.count);
            answer["refresh_token"] = json!(refresh);
            self.refresh = Some(refresh);
        }
        json_of(&answer)
    }

    /// Ends a token; one that is not known has ended.
    fn revoke(&mut self, seen: &Seen) -> Reply {
        let token = seen.values.get("token").cloned().unwrap_or_default();
        self.tokens.remove(&token);
        self.refresh.take_if(|refresh| *refresh == token);
        (200, Vec::new(), String::new())
    }

    fn mcp(&self, seen: &Seen, world: &World) -> Reply {
        let metadata = format!("{}/.well-known/oauth-protected-resource/mcp", world.resource);
        let challenge = |status: u16, more: &str| {
            let header = format!("Bearer resource_metadata=\"{metadata}\"{more}");
            (status, vec![("www-authenticate", header)], "{}".to_owned())
        };
        let token = seen.authorization.as_deref().and_then(|header| header.strip_prefix("Bearer "));
        let Some(scopes) = token.and_then(|token| self.tokens.get(token)) else {
            return challenge(401, ", error=\"invalid_token\"");
        };
        let message: Value = serde_json::from_str(&seen.body).unwrap_or_default();
        let id = &message["id"];
        let result = match (message["method"].as_str(), message["params"]["name"].as_str()) {
            (Some("server/discover"), _) => json!({
                "resultType": "complete", "supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}}, "ttlMs": 0,
                "cacheScope": "private",
            }),
            (Some("tools/list"), _) => {
                let tool = |name: &str| json!({"name": name, "inputSchema": {"type": "object"}});
                json!({"resultType": "complete", "tools": [tool("who"), tool("admin")], "ttlMs": 0, "cacheScope": "private"})
            }
            (Some("tools/call"), Some("admin")) if !scopes.iter().any(|scope| scope == self.admin) => {
                return challenge(403, &format!(", error=\"insufficient_scope\", scope=\"{}\"", self.admin));
            }
            (Some("tools/call"), _) => {
                json!({"resultType": "complete", "content": [{"type": "text", "text": "done"}]})
            }
            _ => {
                let error = json!({"code": -32601, "message": "not known"});
                return (404, Vec::new(), json!({"jsonrpc": "2.0", "id": id, "error": error}).to_string());
            }
        };
        json_of(&json!({"jsonrpc": "2.0", "id": id, "result": result}))
    }
}

fn json_of(value: &Value) -> Reply {
    (200, Vec::new(), value.to_string())
}

fn merged(mut usual: Value, change: &Value) -> Value {
    for (name, value) in change.as_object().into_iter().flatten() {
        match value {
            Value::Null => drop(usual.as_object_mut().expect("an object").remove(name)),
            value => usual[name] = value.clone(),
        }
    }
    usual
}

fn form(text: &str) -> BTreeMap<String, String> {
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), unescape(value))).collect()
}

fn unescape(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits: String = rest.by_ref().take(2).map(char::from).collect();
                u8::from_str_radix(&digits, 16).expect("a valid escape")
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).expect("UTF-8")
}

/// The challenge that belongs to a verifier.
fn s256(verifier: &str) -> String {
    use base64::Engine as _;
    let digest = ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes());
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest)
}
