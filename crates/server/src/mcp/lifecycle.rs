//! What the hub says of itself.

use base::{Code, Error, Result};
use mcp::extension;
use mcp::version::{self, Era, meta};
use mcp::{raw, write};
use tools::View;

/// The most bytes of what a client declares. More than the specification has words for.
const CAPABILITIES: usize = 4096;

/// The version that the hub answers a legacy client with: the one that it asked for, or else the newest of its era.
pub(crate) fn agreed(params: &str) -> Result<&'static str> {
    let asked = raw::get(params, "protocolVersion").and_then(raw::text).ok_or_else(|| {
        Error::new(
            Code::InvalidParams,
            "initialize needs `protocolVersion`, a string",
            "send the version that you speak",
        )
    })?;
    Ok(version::LEGACY.iter().find(|known| **known == asked).copied().unwrap_or(version::LATEST_LEGACY))
}

/// What servers may ask of a legacy client, from the params of its `initialize`: raw JSON, and only what concerns them.
pub(crate) fn asked_of(params: &str) -> String {
    let declared = raw::get(params, "capabilities").unwrap_or("{}");
    let known = ["elicitation", "roots", "sampling", "extensions"];
    let own = raw::without(declared, |member| !known.iter().any(|name| member.is(name)));
    if own.len() > CAPABILITIES || !raw::is_object(&own) {
        return "{}".to_owned();
    }
    // Only for a call that a legacy client wants as a task the hub can make one of a modern server's.
    extension::with_tasks(&own, false)
}

/// The result of `initialize`, as raw JSON.
pub(crate) fn initialized(view: &View, version: &str) -> String {
    format!(
        r#"{{"protocolVersion":"{version}","capabilities":{},"serverInfo":{}{}}}"#,
        capabilities(view, Era::Legacy),
        server_info(),
        instructions(view)
    )
}

/// The result of `server/discover`, as raw JSON.
pub(crate) fn discovered(view: &View) -> String {
    let versions: Vec<String> = version::MODERN.iter().map(|version| raw::quote(version)).collect();
    format!(
        r#"{{"resultType":"complete","ttlMs":60000,"cacheScope":"private","supportedVersions":[{}],"capabilities":{},"_meta":{{"{}":{}}}{}}}"#,
        versions.join(","),
        capabilities(view, Era::Modern),
        meta::SERVER_INFO,
        server_info(),
        instructions(view)
    )
}

/// The error for a version that the hub does not speak, with those that it does (specification 2026-07-28, versioning).
pub(crate) fn unsupported(id: &str, asked: &str) -> String {
    let asked: String = asked.chars().filter(|character| !character.is_control()).take(64).collect();
    let all: Vec<String> = version::MODERN.iter().map(|version| raw::quote(version)).collect();
    let error = Error::new(
        Code::UnsupportedVersion,
        format!("the protocol version `{asked}` is not supported"),
        "use one of the supported versions, which `data` names",
    );
    let mut data = error.to_json();
    data["requested"] = asked.into();
    let data = data.to_string();
    let data = format!("{{\"supported\":[{}],{}", all.join(","), &data[1..]);
    let message = raw::quote(&error.to_string());
    write::raw_error(id, &format!(r#"{{"code":{},"message":{message},"data":{data}}}"#, error.code().json_rpc()))
}

/// What the hub can do, whatever the upstreams can at the moment: they come and go, and a client asks only once.
fn capabilities(view: &View, era: Era) -> String {
    let mut all = vec![
        r#""tools":{"listChanged":true}"#,
        r#""prompts":{"listChanged":true}"#,
        r#""resources":{"listChanged":true,"subscribe":true}"#,
        r#""completions":{}"#,
    ];
    // Modern clients ask for log messages in each request instead.
    if era == Era::Legacy || view.logs {
        all.push(r#""logging":{}"#);
    }
    if era == Era::Legacy && view.extensions.tasks {
        all.push(r#""tasks":{"list":{},"cancel":{},"requests":{"tools":{"call":{}}}}"#);
    }
    let extensions = view.extensions.to_json(era == Era::Modern);
    let extensions = extensions.map(|extensions| format!(r#""extensions":{extensions}"#));
    all.extend(extensions.as_deref());
    format!("{{{}}}", all.join(","))
}

fn server_info() -> String {
    format!(r#"{{"name":"tutti","title":"Tutti","version":"{}"}}"#, env!("CARGO_PKG_VERSION"))
}

fn instructions(view: &View) -> String {
    view.instructions.as_deref().map(|text| format!(",\"instructions\":{}", raw::quote(text))).unwrap_or_default()
}
