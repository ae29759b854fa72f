//! The entry of an HTTP API that an OpenAPI document describes.

use super::{Wanted, header, usage, without_double};
use crate::command::server::entry;
use crate::command::server::file::File;
use base::Result;
use base::config::{Entry, Value};
use clap::{Arg, ArgAction};
use hubs::Context;

/// The options that are for an API.
pub(super) fn options() -> [Arg; 3] {
    [
        Arg::new("openapi")
            .long("openapi")
            .value_name("DOCUMENT")
            .conflicts_with_all(["address", "command"])
            .help("The OpenAPI document of an HTTP API, a file or an address: its operations become tools"),
        Arg::new("base-url")
            .long("base-url")
            .value_name("URL")
            .requires("openapi")
            .help("Where that API is [default: what the document says]"),
        Arg::new("allow")
            .long("allow")
            .value_name("PATTERN")
            .action(ArgAction::Append)
            .requires("openapi")
            .help("An operation that is served, such as addPet or 'POST /pets*' [default: those that only read]"),
    ]
}

/// The keys of the entry.
pub(super) fn entries(wanted: &Wanted, document: &str, file: &File, context: &Context) -> Result<Vec<Entry>> {
    if !wanted.environment.is_empty() || wanted.folder.is_some() || wanted.transport.is_some() {
        let message = "--env, --cwd and --transport are for servers of MCP, and this is an HTTP API";
        return Err(usage(message, "use --header for what every request says"));
    }
    let mut entries = Vec::new();
    let mut put = |key: &str, value: Value| entries.push(entry::entry(key, value));
    let is_file = !document.contains("://") && !document.contains("${");
    let working_directory = context.environment.working_directory();
    let document = if is_file { entry::relocated(document, file, working_directory) } else { document.to_owned() };
    put("openapi", Value::Text(document));
    if let Some(url) = &wanted.base_url {
        put("base_url", Value::Text(url.clone()));
    }
    if !wanted.allow.is_empty() {
        let allow = entry::entry("allow", entry::list(wanted.allow.iter().cloned()));
        put("operations", Value::Map(vec![allow]));
    }
    let headers = wanted.headers.iter().map(|text| header(text)).collect::<Result<Vec<_>>>()?;
    if !headers.is_empty() {
        put("headers", entry::texts(without_double("header", headers)?));
    }
    Ok(entries)
}
