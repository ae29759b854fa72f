//! What is served of an API, and what is not.

use super::check::Check;
use tools::config::{OpenApi, Server};

/// Looks at the document where it is a file, without calling anything.
pub(super) fn check(server: &Server, api: &OpenApi) -> Check {
    let name = format!("server {}", server.name);
    match tools::openapi::look(server, api) {
        None => {
            let text = format!("its document is at {}, which was not fetched", api.place());
            Check::info(&name, text).with_fix("`tutti doctor --servers` fetches it")
        }
        Some(Ok(notices)) => {
            let mut notices = notices.into_iter();
            let first = notices.next().unwrap_or_default();
            let rest: Vec<String> = notices.take(SHOWN).collect();
            if rest.is_empty() { Check::ok(&name, first) } else { Check::info(&name, first).with_fix(rest.join("; ")) }
        }
        Some(Err(error)) => Check::failed(&name, &error),
    }
}

/// How many lines about one server are shown.
const SHOWN: usize = 5;
