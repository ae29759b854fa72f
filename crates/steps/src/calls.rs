//! One call of a tool through the hub, to its end.

use mcp::Method;
use tools::{Caller, Forward, Hub, Step, Toll, View};

/// What a server is told that asks something in the middle of a call: there is nobody to ask.
pub(crate) const DECLINED: &str =
    r#"{"code":-32603,"message":"a workflow has made this call, and nobody can be asked in the middle of it"}"#;

/// How a call ended.
pub(crate) enum Ended {
    /// With this result, raw JSON.
    Result(String),
    /// With this error object, raw JSON; and whether it may have been carried out all the same.
    Error(String, bool),
}

/// Begins a call with these params, raw JSON.
///
/// # Errors
/// It cannot be made: there is no such tool, or too many calls were made.
pub(crate) fn begin(hub: &Hub, view: &View, params: &str, caller: Caller) -> base::Result<Forward> {
    caller.toll.as_ref().map_or(Ok(()), Toll::take)?;
    hub.forward(view, &Method::ToolsCall, params, caller)
}

/// Waits for the end of a call. What its server asks meanwhile is declined.
pub(crate) async fn end(mut forward: Forward) -> Ended {
    loop {
        match forward.next().await {
            Step::Result(result) => return Ended::Result(result),
            Step::Error(error) => {
                let doubt = forward.is_in_doubt();
                return Ended::Error(error, doubt);
            }
            Step::Ask(ask) => forward.reply(ask.key, Err(DECLINED.to_owned())),
            Step::Note(_) | Step::Withdraw(_) => {}
        }
    }
}
