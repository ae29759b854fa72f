//! One entry of `servers:`.

use super::transport::{Surroundings, Transport, transport};
use super::{Typed, auth, bounds};
use crate::machine::Backoff;
use crate::pins::Mode;
use base::config::{Problems, Section};
use base::ports::OauthSettings;
use base::{Code, Error, random};
use lint::Strictness;
use mcp::Era;
use mcp::capability::Offers;
use mcp::client::bounds::Bounds;
use protection::{Protection, settings};
use std::time::Duration;

/// An upstream, as configured.
#[derive(Debug, Clone, PartialEq)]
pub struct Server {
    /// Its name.
    pub name: String,
    /// How it is reached.
    pub transport: Transport,
    /// What it may ask of clients.
    pub offers: Offers,
    /// How the hub logs in there, if it does.
    pub auth: Option<OauthSettings>,
    /// How it speaks, when the configuration says so; otherwise it is asked.
    pub era: Option<Era>,
    /// Whether it is served.
    pub enabled: bool,
    /// Whether it is started with the hub and kept running.
    pub eager: bool,
    /// After which time without a call it is stopped; nothing means never.
    pub idle_stop: Option<Duration>,
    /// How long things may take.
    pub timeouts: Timeouts,
    /// How much there may be.
    pub limits: Limits,
    /// How much of the machine its process may use.
    pub bounds: Bounds,
    /// How long it waits between attempts to start.
    pub backoff: Backoff,
    /// What is pinned of it.
    pub pins: Mode,
    /// What becomes of its tools in which something is found.
    pub lint: Strictness,
    /// How its calls are protected.
    pub protection: Protection,
    /// Why it cannot be started at all.
    pub fault: Option<Error>,
    /// The digest to be used in place of its own, see [`Server::fingerprint`].
    pub known_as: Option<String>,
}

/// How long things may take.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeouts {
    /// From the start of the process to the end of the handshake and the first lists.
    pub start: Duration,
    /// Until an unanswered `server/discover` counts as "perhaps legacy".
    pub probe: Duration,
    /// From one sign of life of a call to the next.
    pub call: Duration,
    /// The longest that a call may take, whatever signs of life it gives.
    pub total: Duration,
    /// How long a client, and the person in front of it, may take to answer what the upstream asks.
    pub ask: Duration,
    /// From the first request to end to the last resort.
    pub stop: Duration,
}

/// How much there may be.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// Bytes of one message.
    pub message: usize,
    /// Calls in flight.
    pub calls: usize,
    /// Items of one list.
    pub items: usize,
}

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// Reads an entry. Nothing when it is too broken to be used.
pub(super) fn read(problems: &Problems, typed: &Typed<'_>, surroundings: &Surroundings) -> Option<Server> {
    let path = format!("servers.{}", typed.name);
    let mut section = Section::new(problems, typed.file, &path, typed.node)?;
    let transport = transport(problems, &mut section, surroundings);
    let auth = match &transport {
        // An API has keys of its own under the same name.
        Some(Transport::OpenApi(_)) | None => None,
        Some(Transport::Address { headers, .. }) => auth::read(&mut section, true, headers),
        Some(_) => auth::read(&mut section, false, &[]),
    };
    let era = section.choice("era", &[("auto", None), ("legacy", Some(Era::Legacy)), ("modern", Some(Era::Modern))]);
    let offers = offers(&mut section);
    let enabled = section.boolean("enabled").unwrap_or(true);
    let eager = section.choice("start", &[("lazy", false), ("eager", true)]).unwrap_or(false);
    let pins = section.choice("pins", &Mode::WORDS);
    let lint = section.choice("lint", &Strictness::WORDS);
    let idle_stop = idle_stop(&mut section);
    let timeouts = timeouts(section.section("timeouts"));
    let (limits, bounds) = limits(section.section("limits"));
    let backoff = backoff(section.section("backoff"));
    let protection = settings::read(problems, &mut section);
    if auth.as_ref().is_some_and(|auth| auth.each) && protection.rules.iter().any(|rule| rule.says.semantic.is_some()) {
        let message =
            format!("`{path}` has each principal log in for itself, and gives results to texts that mean the same");
        let next = "leave `cache.semantic` out: what one account is answered is not for others".to_owned();
        section.problem("tools", Code::ConfigInvalidValue, message, next);
    }
    section.finish();
    let transport = transport?;
    // The built-in server changes only together with the hub.
    let built_in = matches!(transport, Transport::Files { .. } | Transport::Within(_));
    let pins = pins.unwrap_or(if built_in { Mode::Trust } else { Mode::AllowNew });
    // Whoever trusts a server whatever it says does so with its texts too.
    let lint = lint.unwrap_or(if pins == Mode::Trust { Strictness::Warn } else { Strictness::Hidden });
    Some(Server {
        name: typed.name.to_owned(),
        pins,
        lint,
        transport,
        offers,
        auth,
        era: era.flatten(),
        enabled,
        eager,
        idle_stop: idle_stop.filter(|_| !eager),
        timeouts,
        limits,
        bounds,
        backoff,
        protection,
        fault: typed.fault.cloned(),
        known_as: None,
    })
}

/// What the upstream may ask of clients. Their models cost their money, so these only when it is said.
fn offers(section: &mut Section<'_>) -> Offers {
    let known = ["elicitation", "roots", "sampling"];
    let Some(named) = section.texts("offers") else {
        return Offers { elicitation: true, roots: true, sampling: false };
    };
    for other in named.iter().filter(|name| !known.contains(&name.as_str())) {
        let message =
            format!("`{other}` in `{}.offers` is nothing that an upstream can ask of clients", section.path());
        section.problem("offers", Code::ConfigInvalidValue, message, format!("use any of {}", known.join(", ")));
    }
    let has = |name: &str| named.iter().any(|named| named == name);
    Offers { elicitation: has("elicitation"), roots: has("roots"), sampling: has("sampling") }
}

fn idle_stop(section: &mut Section<'_>) -> Option<Duration> {
    if section.node("idle_stop").and_then(base::config::Node::scalar_text).as_deref() == Some("never") {
        return None;
    }
    Some(section.duration("idle_stop", SECOND..=DAY * 30).unwrap_or(HOUR / 2))
}

fn timeouts(section: Option<Section<'_>>) -> Timeouts {
    let mut timeouts = Timeouts {
        start: SECOND * 90,
        probe: SECOND * 10,
        call: SECOND * 300,
        total: HOUR,
        ask: SECOND * 600,
        stop: SECOND * 2,
    };
    if let Some(mut section) = section {
        let least = Duration::from_millis(10);
        let mut read = |key, value: &mut Duration| *value = section.duration(key, least..=DAY).unwrap_or(*value);
        read("start", &mut timeouts.start);
        read("probe", &mut timeouts.probe);
        read("call", &mut timeouts.call);
        read("total", &mut timeouts.total);
        read("ask", &mut timeouts.ask);
        read("stop", &mut timeouts.stop);
        section.finish();
    }
    timeouts
}

fn limits(section: Option<Section<'_>>) -> (Limits, Bounds) {
    let mut limits = Limits { message: 16 << 20, calls: 1024, items: 10_000 };
    let mut bounds = Bounds::default();
    if let Some(mut section) = section {
        let whole = |value: i64| usize::try_from(value).unwrap_or(usize::MAX);
        let message = section.size("message", 1024..=1 << 30).and_then(|bytes| usize::try_from(bytes).ok());
        limits.message = message.unwrap_or(limits.message);
        limits.calls = section.integer("calls", 1..=1_000_000).map_or(limits.calls, whole);
        limits.items = section.integer("items", 1..=1_000_000).map_or(limits.items, whole);
        bounds = bounds::read(&mut section);
        section.finish();
    }
    (limits, bounds)
}

fn backoff(section: Option<Section<'_>>) -> Backoff {
    let mut backoff = Backoff { first: Duration::from_millis(500), max: SECOND * 60 };
    if let Some(mut section) = section {
        let range = Duration::from_millis(1)..=HOUR;
        backoff.first = section.duration("first", range.clone()).unwrap_or(backoff.first);
        backoff.max = section.duration("max", range).unwrap_or(backoff.max).max(backoff.first);
        section.finish();
    }
    backoff
}

impl Server {
    /// Whether it lives in the hub, and knows of each request whose it is.
    pub fn is_within(&self) -> bool {
        matches!(self.transport, Transport::Within(_))
    }

    /// A digest of how the upstream is reached. What was learned of it holds as long as this stays the same. It lies in the
    /// store in clear, so that secrets of the vault are no part of it: who fills them in says what it was without them.
    pub fn fingerprint(&self) -> String {
        self.known_as.clone().unwrap_or_else(|| self.identity())
    }

    /// A digest of how the upstream is reached, with all secrets: what other accounts get there may be something else. It is
    /// for what is shared with other replicas, under a seal, and never lies anywhere in clear.
    pub fn identity(&self) -> String {
        let client = self.auth.as_ref().map(|auth| (auth.grant, &auth.client_id, &auth.scopes));
        let client = client.map(|client| format!("auth\n{client:?}")).unwrap_or_default();
        let text = format!("{}{client}\n{}", self.transport.identity(), self.offers.to_json());
        random::to_hex(&random::sha256(text.as_bytes()))
    }

    /// A digest of which server it is, for what is pinned of it: whoever configures another one means to trust that. Secrets
    /// and the environment of the hub are no part of it, for a server stays the same when they change.
    pub fn place(&self) -> String {
        random::to_hex(&random::sha256(self.transport.place().as_bytes()))
    }

    /// The package that its command fetches in a version which it does not name, if it does.
    pub fn unpinned(&self) -> Option<&str> {
        match &self.transport {
            Transport::Command { program, arguments, .. } => lint::floating::package(program, arguments),
            _ => None,
        }
    }

    /// Keeps it from being started where it is [`Server::unpinned`].
    pub fn require_pinned(&mut self) {
        let Some(package) = self.unpinned() else { return };
        let message = format!(
            "its command runs whatever version of `{package}` is the latest, and the configuration says `require_pinned`"
        );
        let next = "write the version that you have looked at behind the package's name, such as `@1.2.3` (`==1.2.3` for \
                    Python, `:1.2.3` or a digest for images)";
        self.fault = self.fault.take().or_else(|| Some(Error::new(Code::UpstreamUnpinned, message, next)));
    }

    /// See [`Transport::summary`].
    pub fn summary(&self) -> String {
        self.transport.summary()
    }
}
