//! Where domains meet that do not know each other: object-safe traits with plain structs, at most ten.

use crate::{Result, Secret};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// What a method of a port gives that takes time.
pub type Wait<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// For whom something is done: whoever runs the hub, or a client with a key of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Principal {
    /// The tenant, for a hub that serves several.
    pub tenant: String,
    /// The person or program within the tenant.
    pub name: String,
}

impl Principal {
    /// Whoever runs the hub.
    pub fn local() -> Self {
        Self { tenant: "default".to_owned(), name: "local".to_owned() }
    }
}

/// How the hub gets credentials for an upstream by OAuth, as configured.
#[derive(Debug, Clone, PartialEq)]
pub struct OauthSettings {
    /// With a person's consent, or as itself.
    pub grant: Grant,
    /// The client that an operator registered at the authorization server.
    pub client_id: Option<String>,
    /// Its secret.
    pub client_secret: Option<Secret<String>>,
    /// Its private key, PKCS#8 in PEM, for `private_key_jwt`.
    pub private_key: Option<Secret<String>>,
    /// The id under which the authorization server knows that key.
    pub key_id: Option<String>,
    /// The address of a client metadata document, which then is the client's id.
    pub client_metadata_url: Option<String>,
    /// The scopes to ask for, in place of what the upstream says.
    pub scopes: Option<Vec<String>>,
    /// The only authorization server that is trusted with these credentials.
    pub issuer: Option<String>,
    /// Hosts whose private addresses may be reached, and over plain HTTP.
    pub private_hosts: Vec<String>,
    /// The port on which a login waits for the browser, where the authorization server wants it exactly.
    pub redirect_port: Option<u16>,
    /// Whether each principal logs in for itself; otherwise one login serves all.
    pub each: bool,
}

/// How a token is got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    /// A person logs in and consents (RFC 6749, section 4.1).
    AuthorizationCode,
    /// The hub shows its own credential (RFC 6749, section 4.4).
    ClientCredentials,
}

/// The value of an `Authorization` header.
pub type Authorization = Secret<Arc<str>>;

/// What an upstream said when it refused a request.
#[derive(Debug, Clone)]
pub struct Challenge {
    /// The HTTP status: 401 or 403.
    pub status: u16,
    /// Its `WWW-Authenticate` headers.
    pub headers: Vec<String>,
    /// What the refused request carried.
    pub sent: Option<Authorization>,
}

/// A login that waits for a person.
#[derive(Debug, Clone)]
pub struct Login {
    /// The page to open in a browser.
    pub url: String,
    /// The authorization server, as it names itself.
    pub issuer: String,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// How long the login waits.
    pub patience: Duration,
}

/// How things stand between the hub and an upstream that wants credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Whether there is a token, or the means to get one without a person.
    pub ready: bool,
    /// The authorization server that gave it.
    pub issuer: Option<String>,
    /// What was granted, as far as that was said.
    pub scopes: Vec<String>,
    /// When the token ends, in seconds since 1970, if that was said.
    pub expires_at: Option<u64>,
}

/// What became of a login that is forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoggedOut {
    /// Whether there was one.
    pub there: bool,
    /// Whether the authorization server has ended the tokens; nothing where it was not asked, because it takes no such
    /// requests or there was nothing to end.
    pub revoked: Option<bool>,
}

/// Gives accounts at upstreams. Called by the hub.
pub trait UpstreamCredentials: Send + Sync {
    /// The account of `principal` at the upstream `name`, whose endpoint is `url`. Touches nothing outside.
    fn account(
        &self,
        principal: &Principal,
        name: &str,
        url: &str,
        settings: &OauthSettings,
    ) -> Result<Arc<dyn Account>>;
}

/// The credentials of one principal at one upstream. Called by the hub for each request, and by whoever lets people log
/// in.
pub trait Account: Send + Sync {
    /// The header for the next request, if there is one that will do for a while. Never waits.
    fn header(&self) -> Option<Authorization>;

    /// The header for the next request, got anew if need be.
    ///
    /// # Errors
    /// [`crate::Code::LoginNeeded`] when only a person can help.
    fn obtain(&self) -> Wait<'_, Authorization>;

    /// A request was refused. Gives a better header to try once more; nothing when the refusal is not about credentials.
    ///
    /// # Errors
    /// [`crate::Code::LoginNeeded`] or [`crate::Code::ScopeNeeded`] when only a person can help.
    fn challenged(&self, challenge: Challenge) -> Wait<'_, Option<Authorization>>;

    /// Begins a login that comes back to `redirect_uri`. A later one takes its place.
    fn begin_login(&self, redirect_uri: String) -> Wait<'_, Login>;

    /// Ends the login with the query that the browser brought to the redirect address.
    fn finish_login(&self, query: String) -> Wait<'_, ()>;

    /// Forgets the tokens, and has them ended where they came from. They are forgotten also where that fails.
    fn log_out(&self) -> Wait<'_, LoggedOut>;

    /// How things stand.
    fn standing(&self) -> Wait<'_, Standing>;
}

/// A tool that a model may call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelTool {
    /// Its name, as a client of the protocol sees it.
    pub name: String,
    /// Its definition, as such a client is listed it: raw JSON with description and schema.
    pub definition: String,
}

/// The tools of one view for one client, which models call on its behalf. Called by the model gateway.
pub trait ModelTools: Send + Sync {
    /// The tools that fit `wanted` best, at most `most` of them and those with which others are found; all tools where there
    /// are no more than that.
    ///
    /// # Errors
    /// The view is not there any more.
    fn offer<'a>(&'a self, wanted: &'a str, most: usize) -> Wait<'a, Vec<ModelTool>>;

    /// Calls a tool as the client would, with `arguments`, a JSON object. Gives the result as the tool gave it, raw JSON with
    /// `content`; what a server asks meanwhile is declined. Dropped before its end, the call is cancelled.
    ///
    /// # Errors
    /// The call was not made, or came to nothing.
    fn call<'a>(&'a self, name: &'a str, arguments: &'a str) -> Wait<'a, String>;

    /// Who keeps what is said in the talk, where somebody does.
    fn record(&self) -> Option<&dyn TalkRecord> {
        None
    }
}

/// Keeps what is said in a talk between a model and tools.
pub trait TalkRecord: Send + Sync {
    /// Keeps what was said since the last time, in its order. Gives where each of it is kept; nothing for what is not, or not
    /// whole.
    ///
    /// # Errors
    /// It is not kept; the talk goes on all the same.
    fn add(&self, spoken: Vec<Spoken>) -> Wait<'_, Vec<Option<KeptTurn>>>;

    /// What a model reads that calls back what was kept in the talk with this handle: at most `most` bytes of it, marked as
    /// what cannot be trusted.
    ///
    /// # Errors
    /// Nothing has this handle, or not any more.
    fn recall<'a>(&'a self, handle: &'a str, most: usize) -> Wait<'a, String>;
}

/// Where something that was said in a talk is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptTurn {
    /// Its number in the talk.
    pub number: u64,
    /// What it is brought back by.
    pub handle: String,
}

/// What is said in a talk between a model and tools.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spoken {
    /// What the model says.
    Words(String),
    /// It calls a tool: the name, and the arguments, a JSON object.
    Call(String, String),
    /// What the tool gave, whole: the name, and the words.
    Result(String, String),
}

/// A model of a file that runs on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LocalModel {
    /// Its name, as clients know it behind the name of the provider.
    pub name: String,
    /// How it runs.
    pub running: LocalRunning,
}

/// How models of files run.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LocalRunning {
    /// The most bytes of memory that a model may take.
    pub memory: u64,
    /// How many processors it may use; nothing for as many as there are.
    pub threads: Option<usize>,
    /// How long a model that nobody asks stays in memory.
    pub idle: Duration,
    /// The most tokens of a request and its answer together.
    pub context: usize,
    /// What multiplies: `auto`, `cpu`, or a part of the name of a graphics card.
    pub device: String,
}

impl Default for LocalRunning {
    /// 8 GiB, all processors, ten minutes, 4096 tokens and `auto`.
    fn default() -> Self {
        Self {
            memory: 8 << 30,
            threads: None,
            idle: Duration::from_secs(600),
            context: 4_096,
            device: "auto".to_owned(),
        }
    }
}

/// Where a model of a file can be asked, in OpenAI's dialect below `/v1`.
#[derive(Debug, Clone)]
pub struct LocalAddress {
    /// The address, on this machine.
    pub address: SocketAddr,
    /// What it knows its hub by.
    pub authorization: Authorization,
}

/// Processes that run models of files. Called by the model gateway.
pub trait ModelProcesses: Send + Sync {
    /// Where the process of `model` is, which is started where there is none.
    ///
    /// # Errors
    /// [`crate::Code::ModelUnknown`] where there is no such model, [`crate::Code::ModelUnreachable`] where it cannot run.
    fn reach<'a>(&'a self, model: &'a LocalModel) -> Wait<'a, LocalAddress>;

    /// Waits a moment for the end of the process of `model` at `address`, with which a connection failed. Gives whether
    /// it is over, so that the model can be reached anew.
    fn is_over<'a>(&'a self, model: &'a LocalModel, address: SocketAddr) -> Wait<'a, bool>;
}
