//! Starting an upstream: from its configuration to a connection whose lists are known.

use super::watched::Watched;
use super::{Connection, Live, builtin, news};
use crate::builtin::Local;
use crate::catalogue::{self, Catalogue};
use crate::config::{Carrier, Server, Transport};
use crate::openapi::OpenApi;
use base::Result;
use base::ports::Account;
use mcp::client::handshake::{self, Greeting, Opener, Terms, Way};
use mcp::client::{Link, child, http, socket, tail::Source, tail::Tail};
use mcp::{Era, Message};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::mpsc;

/// What a start needs.
pub(super) struct Starter {
    pub(super) settings: Server,
    pub(super) supervisor: Option<PathBuf>,
    pub(super) account: Option<Arc<dyn Account>>,
    pub(super) tail: Arc<Tail>,
    pub(super) notices: mpsc::Sender<Message>,
    pub(super) watched: Arc<Watched>,
}

/// What a start gives.
pub(super) struct Started {
    pub(super) live: Arc<Live>,
    pub(super) pid: Option<u32>,
    /// What it has, or why that cannot be known.
    pub(super) catalogue: Result<Catalogue>,
}

/// A connection that is ended when it is dropped.
struct Held(Option<Link>);

impl Drop for Held {
    fn drop(&mut self) {
        match self.0.take() {
            Some(Link::Shared(link)) => link.terminate(),
            Some(Link::Http(link)) => {
                base::task::spawn("leaving", async move { http::Link::leave(&link).await });
            }
            None => {}
        }
    }
}

impl Starter {
    /// Starts the upstream and reads its lists.
    pub(super) async fn start(self, remembered: Option<Era>, generation: u64) -> Result<Started> {
        if let Some(fault) = &self.settings.fault {
            return Err(fault.clone().of_upstream(&self.settings.name));
        }
        if let Some(local) = self.local().await? {
            let greeting = builtin::greeting(local.as_ref());
            let catalogue = Ok(builtin::catalogue(local.as_ref()));
            let live = Arc::new(Live { connection: Connection::Builtin(local), greeting, generation });
            return Ok(Started { live, pid: None, catalogue });
        }
        let remembered = self.settings.era.or(remembered);
        let (link, greeting) = self.greet(remembered).await?;
        // Until it is handed over: a start that is given up must leave nothing behind.
        let mut held = Held(Some(link.clone()));
        let pid = match &link {
            Link::Shared(link) => link.pid(),
            Link::Http(_) => None,
        };
        let limits = &self.settings.limits;
        let limit = self.settings.timeouts.start;
        let lists = tokio::time::timeout(limit, catalogue::fetch(&link, &greeting, limits.items, limit)).await;
        let catalogue = lists.unwrap_or_else(|_| Err(link.late("the requests for its lists", limit)));
        news::listen(&link, greeting.era, self.notices, self.watched).await;
        held.0 = None;
        let live = Arc::new(Live { connection: Connection::Link(link), greeting, generation });
        Ok(Started { live, pid, catalogue })
    }

    /// The upstream itself, where it lives in this process.
    async fn local(&self) -> Result<Option<Arc<dyn Local>>> {
        Ok(match &self.settings.transport {
            Transport::Files { root, write } => {
                let options = files::Options { root: root.clone(), write: *write };
                Some(Arc::new(files::Files::open(options)?))
            }
            Transport::Within(within) => {
                let none = || {
                    let message = format!("there are no {} here", within.kind);
                    let next = format!("see docs/guide/{}.md", within.kind);
                    base::Error::new(base::Code::UpstreamDisabled, message, next)
                };
                Some(within.local.clone().ok_or_else(none)?)
            }
            Transport::OpenApi(api) => {
                let opened = OpenApi::open(&self.settings, api).await?;
                for notice in opened.notices() {
                    self.tail.push(Source::Hub, notice.as_bytes());
                }
                Some(Arc::new(opened))
            }
            Transport::Command { .. } | Transport::Address { .. } | Transport::Socket { .. } => None,
        })
    }

    fn opener<'a>(&self, way: Way<'a>) -> Opener<'a> {
        Opener { way, tail: Arc::clone(&self.tail), notices: self.notices.clone() }
    }

    async fn greet(&self, remembered: Option<Era>) -> Result<(Link, Greeting)> {
        let timeouts = &self.settings.timeouts;
        // A server that is said to be modern gets all the time there is: there is nothing to fall back to.
        let probe = if self.settings.era == Some(Era::Modern) { timeouts.start } else { timeouts.probe };
        let terms = Terms { probe, start: timeouts.start, offers: self.settings.offers };
        let name = self.settings.name.clone();
        let message_limit = self.settings.limits.message;
        match &self.settings.transport {
            Transport::Command { program, arguments, environment, directory } => {
                let environment = environment.iter().map(|(name, value)| (name.clone(), value.expose().clone()));
                let options = child::Options {
                    name,
                    program: program.clone(),
                    arguments: arguments.clone(),
                    environment: environment.collect(),
                    directory: directory.clone(),
                    supervisor: self.supervisor.clone(),
                    bounds: self.settings.bounds,
                    grace: timeouts.stop,
                    message_limit,
                };
                handshake::greet_shared(&self.opener(Way::Process(&options)), remembered, terms).await
            }
            Transport::Socket { path } => {
                let options = socket::Options { name, path: path.clone(), message_limit };
                handshake::greet_shared(&self.opener(Way::Socket(&options)), remembered, terms).await
            }
            Transport::Address { url, headers, carrier } => {
                let (url, headers, account) = (url.clone(), headers.clone(), self.account.clone());
                let options = http::Options { name, url, headers, message_limit, account };
                match carrier {
                    Carrier::WebSocket => {
                        handshake::greet_shared(&self.opener(Way::WebSocket(&options)), remembered, terms).await
                    }
                    Carrier::Sse => {
                        handshake::greet_shared(&self.opener(Way::Events(&options)), remembered, terms).await
                    }
                    Carrier::Web | Carrier::Http => {
                        let old = self.opener(Way::Events(&options));
                        let old = Some(&old).filter(|_| *carrier == Carrier::Web);
                        handshake::greet_address(
                            http::Link::new(&options, Arc::clone(&self.tail))?,
                            old,
                            remembered,
                            terms,
                        )
                        .await
                    }
                }
            }
            Transport::Files { .. } | Transport::Within(_) | Transport::OpenApi(_) => {
                Err(base::Error::internal("a built-in upstream has no handshake"))
            }
        }
    }
}
