//! Lists, prompts, resources and completion.

use super::era::Era;
use super::server::{Answer, Refusal, Server};
use super::tools;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::Ordering;

/// The names that the prompt's argument is completed to.
pub(crate) const NAMES: [&str; 4] = ["Ada", "Alan", "Barbara", "Grace"];

/// Answers what both eras have.
pub(crate) fn answer(server: &Server, era: Era, method: &str, params: &Value) -> Answer {
    let mut result = match method {
        "tools/list" => list_tools(server, params)?,
        "prompts/list" => json!({"prompts": all_prompts(server)?}),
        "prompts/get" => return get_prompt(server, params),
        "resources/list" => json!({"resources": all_resources(server)?}),
        "resources/templates/list" => json!({"resourceTemplates": [template(server)]}),
        "resources/read" => read(server, params)?,
        "completion/complete" => return complete(params),
        _ => return Err(Refusal::new(-32601, format!("Method not found: {method}"))),
    };
    if era == Era::Modern {
        let (time, scope) = &server.options.keep;
        result["ttlMs"] = json!(time);
        result["cacheScope"] = json!(scope);
    }
    Ok(result)
}

fn list_tools(server: &Server, params: &Value) -> Answer {
    let options = &server.options;
    if options.exit_on_list {
        super::say(&format!("{} ends when it is asked for its tools", options.name));
        std::process::exit(4);
    }
    if options.endless_cursor {
        let page = params["cursor"].as_str().and_then(|cursor| cursor.parse::<u64>().ok()).unwrap_or_default();
        let tool = json!({"name": format!("endless_{page}"), "inputSchema": {"type": "object"}});
        return Ok(json!({"tools": [tool], "nextCursor": (page + 1).to_string()}));
    }
    if options.same_cursor {
        return Ok(json!({"tools": [tools::plain("again", "Is on every page.")], "nextCursor": "again"}));
    }
    let all = all_tools(server)?;
    let start = match params.get("cursor") {
        None => 0,
        Some(cursor) => place_of(server, cursor)?,
    };
    let end = options.page_size.map_or(all.len(), |size| (start + size).min(all.len()));
    let mut result = json!({"tools": all.get(start..end).unwrap_or_default(), "x-vendor": super::outlet::VENDOR_PLACE});
    if end < all.len() {
        result["nextCursor"] = json!(format!("{}:{end}", options.name));
    }
    Ok(result)
}

/// A cursor names its upstream, so that one which was given out by another upstream is refused.
fn place_of(server: &Server, cursor: &Value) -> Result<usize, Refusal> {
    cursor
        .as_str()
        .and_then(|cursor| cursor.strip_prefix(server.options.name.as_str())?.strip_prefix(':')?.parse().ok())
        .ok_or_else(|| Refusal::new(-32602, format!("{cursor} is no cursor of {}", server.options.name)))
}

fn all_tools(server: &Server) -> Result<Vec<Value>, Refusal> {
    if let Some(path) = &server.options.tools_file {
        return from_file(path);
    }
    let mut all = tools::definitions();
    if server.options.tasks {
        all.extend(super::tasks::definitions());
    }
    if server.desk.extra_tool.load(Ordering::SeqCst) {
        all.push(tools::plain("extra", "Is there after change_tools."));
    }
    all.extend((1..=server.options.tools).map(|number| {
        tools::plain(&format!("tool_{number:04}"), &format!("Tool number {number} of {}.", server.options.name))
    }));
    Ok(all)
}

fn all_prompts(server: &Server) -> Result<Vec<Value>, Refusal> {
    server.options.prompts_file.as_ref().map_or_else(|| Ok(vec![prompt()]), |path| from_file(path))
}

fn all_resources(server: &Server) -> Result<Vec<Value>, Refusal> {
    server.options.resources_file.as_ref().map_or_else(|| Ok(vec![resource(server)]), |path| from_file(path))
}

fn from_file(path: &Path) -> Result<Vec<Value>, Refusal> {
    let text = std::fs::read_to_string(path).map_err(|error| Refusal::new(-32603, error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| Refusal::new(-32603, error.to_string()))
}

pub(crate) fn prompt() -> Value {
    json!({
        "name": "greet", "title": "Greet", "description": "Greets somebody.", "x-vendor": super::outlet::VENDOR_PLACE,
        "arguments": [{"name": "name", "description": "Who.", "required": true}],
    })
}

fn get_prompt(server: &Server, params: &Value) -> Answer {
    if params["name"] != "greet" {
        return Err(Refusal::new(-32602, format!("Unknown prompt: {}", params["name"])));
    }
    let Some(name) = params["arguments"]["name"].as_str() else {
        return Err(Refusal::new(-32602, "the argument `name` is missing"));
    };
    let text = format!("Say hello to {name} from {}.", server.options.name);
    Ok(json!({
        "description": "A greeting.", "x-vendor": super::outlet::VENDOR_PLACE,
        "messages": [{"role": "user", "content": {"type": "text", "text": text}}],
    }))
}

fn resource(server: &Server) -> Value {
    json!({
        "uri": format!("{}://static", server.options.scheme), "name": "static", "mimeType": "text/plain",
        "description": format!("A text of {}.", server.options.name), "x-vendor": super::outlet::VENDOR_PLACE,
    })
}

fn template(server: &Server) -> Value {
    json!({
        "uriTemplate": format!("{}://item/{{id}}", server.options.scheme), "name": "item", "mimeType": "text/plain",
        "description": format!("An item of {}.", server.options.name),
    })
}

fn read(server: &Server, params: &Value) -> Answer {
    let uri = params["uri"].as_str().unwrap_or_default();
    let path = uri.strip_prefix(server.options.scheme.as_str()).and_then(|rest| rest.strip_prefix("://"));
    let name = &server.options.name;
    let text = match path {
        Some("static") => format!("static of {name}"),
        Some(path) if path.starts_with("item/") => format!("item {} of {name}", &path["item/".len()..]),
        _ => return Err(Refusal::new(-32602, format!("Resource not found: {uri}")).with_data(json!({"uri": uri}))),
    };
    let contents = json!([{"uri": uri, "mimeType": "text/plain", "text": text}]);
    Ok(json!({"contents": contents, "x-vendor": super::outlet::VENDOR_PLACE}))
}

fn complete(params: &Value) -> Answer {
    let start = params["argument"]["value"].as_str().unwrap_or_default();
    let reference = &params["ref"];
    let candidates: Vec<String> = match (reference["type"].as_str(), params["argument"]["name"].as_str()) {
        (Some("ref/prompt"), Some("name")) if reference["name"] == "greet" => NAMES.map(str::to_owned).into(),
        (Some("ref/resource"), Some("id"))
            if reference["uri"].as_str().is_some_and(|uri| uri.ends_with("://item/{id}")) =>
        {
            (1..=12).map(|number| number.to_string()).collect()
        }
        _ => return Err(Refusal::new(-32602, format!("nothing to complete for {reference}"))),
    };
    let values: Vec<String> = candidates.into_iter().filter(|candidate| candidate.starts_with(start)).collect();
    Ok(json!({"completion": {"total": values.len(), "values": values, "hasMore": false}}))
}
