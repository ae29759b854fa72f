//! The tools of a view for models, on behalf of a client: found as a search finds them, called as the client calls them.

use crate::Shared;
use crate::keys::Visitor;
use crate::rate::Rates;
use base::ports::{ModelTool, ModelTools, Wait};
use base::{Code, Error, Result};
use mcp::parameter::Headers;
use mcp::version::LATEST_LEGACY;
use mcp::{Era, Method, raw};
use rounds::Wanted as Asked;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tools::hub::DEFAULT_VIEW;
use tools::machine::State;
use tools::mode::{Mode, Variant};
use tools::results::Owner;
use tools::toolbox::wanted::{OF_API, Wanted};
use tools::toolbox::{self, Listed};
use tools::{Caller, Hub, Step, Toll, View};

/// What models are not offered: a talk makes several calls anyway.
const PLANS: &str = "run_plan";

/// How old a server becomes before it is not waited for any more: about as long as a person does not mind.
const PATIENCE: Duration = Duration::from_secs(3);

/// What a server is told that asks something in the middle of a call: there is nobody to ask.
const DECLINED: &str =
    r#"{"code":-32603,"message":"a model has made this call, and nobody can be asked in the middle of it"}"#;

/// The tools of a view for one client.
pub(super) struct ViewTools {
    hub: Hub,
    view: String,
    caller: Caller,
}

impl ViewTools {
    /// The tools that `asked` wants, for `visitor`.
    ///
    /// # Errors
    /// [`Code::UnknownView`] where there is no such view for it.
    pub(super) fn of(shared: &Shared, visitor: &Arc<Visitor>, asked: &Asked) -> Result<Self> {
        let name = asked.view.as_deref().unwrap_or(DEFAULT_VIEW);
        // What a client chose of a view is for its eyes, and models are shown tools in their own way.
        let name = tools::mode::view_of(name);
        if !visitor.may_see(name) || shared.hub.view(name).is_none() {
            return Err(unknown(shared, visitor, name));
        }
        let caller = Caller {
            era: Era::Legacy,
            version: LATEST_LEGACY,
            number: shared.sessions.number(),
            capabilities: "{}".into(),
            level: None,
            headers: Headers::default(),
            principal: Arc::clone(&visitor.principal),
            owner: Owner::Principal(Arc::clone(&visitor.principal)),
            session: None,
            toll: Rates::toll(&shared.rates, visitor, None),
        };
        Ok(Self { hub: shared.hub.clone(), view: name.to_owned(), caller })
    }

    /// The view as it is now, for clients that see it so.
    fn view(&self, mode: Mode) -> Result<Arc<View>> {
        let name = Variant { mode: Some(mode), plain: false }.name(&self.view);
        self.hub
            .view(&name)
            .ok_or_else(|| Error::new(Code::UnknownView, "the view of these tools was removed", "name another one"))
    }

    /// Waits for servers of the view that are new, and of which nobody knows yet what they have: the model would be asked without their tools.
    /// Each is new once. One that hangs is not worth more, and what others have is known at their next start.
    async fn meet_servers(&self) -> Result<()> {
        let view = self.view(Mode::All)?;
        for upstream in self.hub.upstreams() {
            if view.upstreams.contains(&upstream.settings.name) && !upstream.is_known() {
                let mut status = upstream.watch();
                let begun = status.wait_for(|status| !matches!(status.state, State::Idle | State::Starting));
                let left = PATIENCE.saturating_sub(Duration::from_millis(upstream.age()));
                let _ = tokio::time::timeout(left, begun).await;
            }
        }
        Ok(())
    }

    async fn found(&self, wanted: &str, most: usize) -> Result<Vec<ModelTool>> {
        self.meet_servers().await?;
        let all = self.view(Mode::All)?;
        if all.lists[0].items.len() <= most {
            let Listed { upstreams, own } = toolbox::listed(&all);
            let own = own.into_iter().filter(|item| item.key != PLANS);
            return Ok(upstreams.iter().cloned().chain(own).map(tool).collect());
        }
        let view = self.view(Mode::Search)?;
        let said = json!({"queries": [wanted], "limit": most}).to_string();
        let best = self.hub.best_tools(&view, &Wanted::read(&OF_API, &said, &view)?).await;
        let best = best.tools.into_iter().map(|best| ModelTool { name: best.name, definition: best.definition });
        let own = toolbox::listed(&view).own.into_iter().filter(|item| item.key != PLANS);
        Ok(best.chain(own.map(tool)).collect())
    }

    async fn answer(&self, name: &str, arguments: &str) -> Result<String> {
        if name == PLANS {
            let next = "make the calls one by one, or several at once";
            return Err(Error::new(Code::InvalidParams, "plans are not run for models", next));
        }
        self.caller.toll.as_ref().map_or(Ok(()), Toll::take)?;
        // Also the tools that find and call others are called so, whether or not they were offered.
        let view = self.view(Mode::Search)?;
        let params = format!(r#"{{"name":{},"arguments":{arguments}}}"#, raw::quote(name));
        let mut work = self.hub.begin(&view, &Method::ToolsCall, &params, self.caller.clone())?;
        loop {
            match work.next().await {
                Step::Result(result) => return Ok(result),
                Step::Error(error) => return Ok(failed(&error)),
                Step::Ask(ask) => work.reply(ask.key, Err(DECLINED.to_owned())),
                Step::Note(_) | Step::Withdraw(_) => {}
            }
        }
    }
}

impl ModelTools for ViewTools {
    fn offer<'a>(&'a self, wanted: &'a str, most: usize) -> Wait<'a, Vec<ModelTool>> {
        Box::pin(self.found(wanted, most))
    }

    fn call<'a>(&'a self, name: &'a str, arguments: &'a str) -> Wait<'a, String> {
        Box::pin(self.answer(name, arguments))
    }
}

fn tool(item: tools::catalogue::Item) -> ModelTool {
    ModelTool { name: item.key, definition: item.json }
}

/// An error of the protocol, raw JSON, as a result that says it.
fn failed(error: &str) -> String {
    let message = raw::get(error, "message").and_then(raw::text).unwrap_or_default();
    json!({"isError": true, "content": [{"type": "text", "text": message}]}).to_string()
}

fn unknown(shared: &Shared, visitor: &Visitor, name: &str) -> Error {
    let shown = base::visible::escaped(&name.chars().take(100).collect::<String>());
    let mut views = shared.hub.view_names();
    views.retain(|view| visitor.may_see(view));
    let next = if views.is_empty() {
        "whoever runs the hub gives the key `views`".to_owned()
    } else {
        format!("name one of these: {}", views.join(", "))
    };
    Error::new(Code::UnknownView, format!("there is no view `{shown}` of which tools could be taken"), next)
}
