//! Every path but the endpoints of the protocol, in one table: requests are routed by it, and the document at
//! `/api/v1/openapi.json` is made of it, so that neither knows one that the other does not.

mod errors;
mod memory;
mod models;
mod prompts;
mod runs;

use super::operation::{Answer, Operation, Parameter, Shape, Verb};
use super::{approval, document, login, plans, registry, secrets, tools};
use axum::routing::on;
use errors::{APPROVAL, AUTHORITY, NO_LOGIN, NO_OAUTH, SEARCHED, SECRET, STOPPING, STORE, UPSTREAM, VIEWS};

/// For how many seconds the list of servers waits.
pub(crate) const SETTLE: Parameter = Parameter {
    name: "settle",
    about: "For how many seconds to wait until no server is being started.",
    shape: Shape::Whole(300),
};

/// Behind which line of a log to begin. The limit is the largest number that JSON has everywhere.
pub(crate) const AFTER: Parameter = Parameter {
    name: "after",
    about: "The number of a line: only what came behind it is told.",
    shape: Shape::Whole((1 << 53) - 1),
};

/// Which servers readiness is about.
pub(crate) const REQUIRE: Parameter = Parameter {
    name: "require",
    about: "Servers that must work: names with commas between, or `all`.",
    shape: Shape::Text,
};

/// Whether readiness tells of each server.
pub(crate) const VERBOSE: Parameter =
    Parameter { name: "verbose", about: "Whether each server is told of.", shape: Shape::Flag };

/// The path of the numbers, which an address of their own may serve instead.
pub(crate) const METRICS: &str = "/metrics";

/// The table, but for models, prompts, runs and what they remember.
static OPERATIONS: [Operation; 23] = [
    Operation {
        verb: Verb::Get,
        path: "/healthz",
        id: "health",
        open: true,
        about: "Whether the process is there.",
        query: &[],
        body: None,
        answer: Answer::Json("Health"),
        errors: &[],
        handler: |verb| on(verb, super::health),
    },
    Operation {
        verb: Verb::Get,
        path: "/readyz",
        id: "readiness",
        open: false,
        about: "Whether the hub takes requests, and whether the servers that are required work.",
        query: &[REQUIRE, VERBOSE],
        body: None,
        answer: Answer::Json("Readiness"),
        errors: &[STOPPING],
        handler: |verb| on(verb, super::ready),
    },
    Operation {
        verb: Verb::Get,
        path: METRICS,
        id: "metrics",
        open: false,
        about: "All numbers, in the text format of Prometheus.",
        query: &[],
        body: None,
        answer: Answer::Text,
        errors: &[],
        handler: |verb| on(verb, super::metrics),
    },
    Operation {
        verb: Verb::Get,
        path: "/api/v1/openapi.json",
        id: "document",
        open: true,
        about: "This document.",
        query: &[],
        body: None,
        answer: Answer::Json("Document"),
        errors: &[],
        handler: |verb| on(verb, document::serve),
    },
    Operation {
        verb: Verb::Get,
        path: "/api/v1/servers",
        id: "listServers",
        open: false,
        about: "All servers, in the order of the configuration.",
        query: &[SETTLE],
        body: None,
        answer: Answer::Json("Servers"),
        errors: &[],
        handler: |verb| on(verb, super::servers),
    },
    Operation {
        verb: Verb::Get,
        path: "/api/v1/servers/{name}",
        id: "getServer",
        open: false,
        about: "One server, with how the calls of each of its tools are protected.",
        query: &[],
        body: None,
        answer: Answer::Json("Server"),
        errors: &[],
        handler: |verb| on(verb, super::server),
    },
    Operation {
        verb: Verb::Get,
        path: "/api/v1/servers/{name}/logs",
        id: "getServerLogs",
        open: false,
        about: "The last lines that a server wrote, and what the hub did with it.",
        query: &[AFTER],
        body: None,
        answer: Answer::Json("Logs"),
        errors: &[],
        handler: |verb| on(verb, super::logs),
    },
    Operation {
        verb: Verb::Post,
        path: "/api/v1/servers/{name}/restart",
        id: "restartServer",
        open: false,
        about: "Starts a server anew, and answers when it works or why it does not.",
        query: &[],
        body: None,
        answer: Answer::Json("Server"),
        errors: &[UPSTREAM, AUTHORITY, STORE],
        handler: |verb| on(verb, super::restart),
    },
    Operation {
        verb: Verb::Get,
        path: "/api/v1/servers/{name}/quarantine",
        id: "getQuarantine",
        open: false,
        about: "The tools of a server that wait for an approval: what they were, and what they are.",
        query: &[],
        body: None,
        answer: Answer::Json("Quarantine"),
        errors: &[STORE],
        handler: |verb| on(verb, approval::waiting),
    },
    Operation {
        verb: Verb::Post,
        path: "/api/v1/servers/{name}/approve",
        id: "approveTools",
        open: false,
        about: "Approves tools that wait: all that are named in a text that only `tutti server approve` can make.",
        query: &[],
        body: Some("Approval"),
        answer: Answer::Json("Approved"),
        errors: &[APPROVAL, STORE],
        handler: |verb| on(verb, approval::approve),
    },
    Operation {
        verb: Verb::Get,
        path: "/api/v1/servers/{name}/login",
        id: "getLogin",
        open: true,
        about: "How things stand with the login to a server: the hub's own, or that of the key where each logs in for itself.",
        query: &[],
        body: None,
        answer: Answer::Json("Standing"),
        errors: &[NO_OAUTH, STORE],
        handler: |verb| on(verb, login::standing),
    },
    Operation {
        verb: Verb::Post,
        path: "/api/v1/servers/{name}/login",
        id: "beginLogin",
        open: true,
        about: "Begins a login. A later one takes its place.",
        query: &[],
        body: Some("LoginBegin"),
        answer: Answer::Json("Login"),
        errors: &[NO_OAUTH, AUTHORITY, STORE],
        handler: |verb| on(verb, login::begin),
    },
    Operation {
        verb: Verb::Post,
        path: "/api/v1/servers/{name}/login/finish",
        id: "finishLogin",
        open: true,
        about: "Ends a login with what the browser was sent back with, and starts the server with its new token.",
        query: &[],
        body: Some("LoginFinish"),
        answer: Answer::Json("LoggedIn"),
        errors: &[NO_OAUTH, NO_LOGIN, AUTHORITY, STORE],
        handler: |verb| on(verb, login::finish),
    },
    Operation {
        verb: Verb::Post,
        path: "/api/v1/servers/{name}/logout",
        id: "logOut",
        open: true,
        about: "Forgets the tokens of a server, and has them ended where they came from.",
        query: &[],
        body: None,
        answer: Answer::Json("LoggedOut"),
        errors: &[NO_OAUTH, STORE],
        handler: |verb| on(verb, login::log_out),
    },
    Operation {
        verb: Verb::Post,
        path: "/api/v1/tools/search",
        id: "searchTools",
        open: false,
        about: "The tools that fit best what is to be done, with their definitions.",
        query: &[tools::VIEW],
        body: Some("ToolSearch"),
        answer: Answer::Json("ToolsFound"),
        errors: &[VIEWS, SEARCHED],
        handler: |verb| on(verb, tools::search),
    },
    Operation {
        verb: Verb::Post,
        path: "/api/v1/plans/explain",
        id: "explainPlan",
        open: false,
        about: "What a plan of calls would do, or what is wrong with it. Nothing is called.",
        query: &[plans::VIEW],
        body: Some("Plan"),
        answer: Answer::Json("Explanation"),
        errors: &[VIEWS],
        handler: |verb| on(verb, plans::explain),
    },
    Operation {
        verb: Verb::Get,
        path: "/api/v1/plans/profile",
        id: "getPlanProfile",
        open: false,
        about: "How long the calls of plans took since the hub began.",
        query: &[],
        body: None,
        answer: Answer::Json("Profile"),
        errors: &[],
        handler: |verb| on(verb, plans::profile),
    },
    Operation {
        verb: Verb::Get,
        path: "/api/v1/secrets",
        id: "listSecrets",
        about: "The names of all secrets, when they were set, and which servers use them. Values are never told.",
        open: false,
        query: &[],
        body: None,
        answer: Answer::Json("Secrets"),
        errors: &[STORE],
        handler: |verb| on(verb, secrets::list),
    },
    Operation {
        verb: Verb::Put,
        path: "/api/v1/secrets/{secret}",
        id: "setSecret",
        about: "Sets a secret, and starts the servers anew that use it.",
        open: false,
        query: &[],
        body: Some("SecretValue"),
        answer: Answer::Json("SecretSet"),
        errors: &[STORE],
        handler: |verb| on(verb, secrets::set),
    },
    Operation {
        verb: Verb::Delete,
        path: "/api/v1/secrets/{secret}",
        id: "removeSecret",
        about: "Removes a secret. One that servers use is removed only with `force`; they are refused from then on.",
        open: false,
        query: &[secrets::FORCE],
        body: None,
        answer: Answer::Json("SecretRemoved"),
        errors: &[SECRET, STORE],
        handler: |verb| on(verb, secrets::remove),
    },
    Operation {
        verb: Verb::Get,
        path: "/v0.1/servers",
        id: "listRegistry",
        open: true,
        about: "The views as servers of an MCP registry, as far as the key opens them.",
        query: &[registry::LIMIT, registry::CURSOR, registry::SEARCH, registry::OF_VERSION],
        body: None,
        answer: Answer::Json("Registry"),
        errors: &[],
        handler: |verb| on(verb, registry::list),
    },
    Operation {
        verb: Verb::Get,
        path: "/v0.1/servers/{serverName}/versions",
        id: "listRegistryVersions",
        open: true,
        about: "All versions of a view in the registry: there is one.",
        query: &[],
        body: None,
        answer: Answer::Json("Registry"),
        errors: &[VIEWS],
        handler: |verb| on(verb, registry::versions),
    },
    Operation {
        verb: Verb::Get,
        path: "/v0.1/servers/{serverName}/versions/{version}",
        id: "getRegistryVersion",
        open: true,
        about: "A version of a view in the registry, `latest` for the only one.",
        query: &[],
        body: None,
        answer: Answer::Json("RegistryEntry"),
        errors: &[VIEWS],
        handler: |verb| on(verb, registry::version),
    },
];

/// All of it.
pub(crate) fn all() -> impl Iterator<Item = &'static Operation> {
    OPERATIONS
        .iter()
        .chain(&models::OPERATIONS)
        .chain(&prompts::OPERATIONS)
        .chain(&runs::OPERATIONS)
        .chain(&memory::OPERATIONS)
}

/// Whether every key opens what is served under this path.
pub(crate) fn is_open(path: &str) -> bool {
    all().any(|operation| operation.open && fits(operation.path, path))
}

/// Whether requests to what is served under this path may be signed in place of a key.
pub(crate) fn is_signed(path: &str) -> bool {
    fits(runs::WEBHOOKS, path) || fits(runs::ANSWERS, path)
}

/// Whether `path` is one of those that `pattern` stands for: `{name}` is one part, whatever it is.
fn fits(pattern: &str, path: &str) -> bool {
    let (mut wanted, mut parts) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), parts.next()) {
            (None, None) => return true,
            (Some(wanted), Some(part)) if wanted == part || (wanted.starts_with('{') && !part.is_empty()) => {}
            _ => return false,
        }
    }
}
