//! Models as resources: `model://NAME` is what is known of a model, as `/api/v1/models/NAME` tells it.

use super::client::Client;
use crate::Shared;
use crate::models::standing::shown;
use base::Result;
use mcp::{Era, Method, raw};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::json;
use tools::catalogue::Item;

/// How the addresses of models begin.
const SCHEME: &str = "model://";

/// What stands escaped in the address of a name. Names of deployments have slashes, and many models colons.
const ESCAPED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b':').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What the hub itself adds to a list: an address for each model that the client may ask for, and a template for those that no
/// list names. Nothing where it has no models.
pub(super) fn items(shared: &Shared, client: &Client, method: &Method) -> Vec<Item> {
    if !matches!(method, Method::ResourcesList | Method::TemplatesList) {
        return Vec::new();
    }
    let mut names = shared.models.names();
    names.retain(|name| client.visitor.caller().may_ask(name));
    match method {
        Method::TemplatesList if names.is_empty() => Vec::new(),
        Method::TemplatesList => vec![template()],
        _ => names.iter().map(|name| resource(name)).collect(),
    }
}

fn resource(name: &str) -> Item {
    let address = format!("{SCHEME}{}", utf8_percent_encode(name, ESCAPED));
    let json = json!({
        "uri": address,
        "name": name,
        "title": format!("The model {name}"),
        "description": "What is known of this model, who says so, and how its deployments are.",
        "mimeType": "application/json",
    });
    Item { key: address, json: json.to_string() }
}

fn template() -> Item {
    let address = format!("{SCHEME}{{name}}");
    let json = json!({
        "uriTemplate": address,
        "name": "model",
        "title": "A model",
        "description": "What is known of a model: a route, a model that a provider lists, or provider/model.",
        "mimeType": "application/json",
    });
    Item { key: address, json: json.to_string() }
}

/// Answers a request to read the address of a model, as raw JSON; nothing for any other address.
pub(super) fn read(shared: &Shared, client: &Client, method: &Method, params: &str) -> Option<Result<String>> {
    if method != &Method::ResourcesRead || shared.models.names().is_empty() {
        return None;
    }
    let address = raw::get(params, "uri").and_then(raw::text)?;
    let name = percent_decode_str(address.strip_prefix(SCHEME)?).decode_utf8_lossy();
    let standing = shared.models.standing(&name, client.visitor.caller());
    Some(standing.map(|standing| result(&address, &shown(&standing).to_string(), client.era)))
}

fn result(address: &str, text: &str, era: Era) -> String {
    // What was seen of deployments is another thing with each request.
    let modern = if era == Era::Modern { r#""resultType":"complete","ttlMs":0,"cacheScope":"private","# } else { "" };
    let (address, text) = (raw::quote(address), raw::quote(text));
    format!(r#"{{{modern}"contents":[{{"uri":{address},"mimeType":"application/json","text":{text}}}]}}"#)
}

#[cfg(test)]
mod tests;
