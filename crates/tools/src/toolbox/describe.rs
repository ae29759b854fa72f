//! `describe_tools`: whole definitions of a few tools.

use super::arguments::{check_known, texts, wrong};
use crate::hub::Hub;
use crate::mode::Shown;
use crate::own::{self, Own, OwnCall, OwnTool, Work};
use crate::view::View;
use base::Result;
use context::definition::Form;
use context::tokens;
use mcp::raw;
use serde_json::json;
use telemetry::economy::Means;

pub(super) struct DescribeTools;

const NAME: &str = "describe_tools";

const NEXT: &str = "call it with `names`, a list of at most 20 names of tools";

/// The most tools of one call.
const MOST: usize = 20;

impl OwnTool for DescribeTools {
    fn name(&self) -> &'static str {
        NAME
    }

    fn offered(&self, view: &View) -> bool {
        view.shown == Shown::Search || view.form() == Some(Form::Brief)
    }

    fn definition(&self, _view: &View) -> String {
        r#"{"name":"describe_tools","title":"Describe tools","description":"Gives the whole definitions (description, schema of the arguments) of tools by their names.","inputSchema":{"type":"object","properties":{"names":{"type":"array","items":{"type":"string"},"minItems":1,"maxItems":20,"description":"Names as they are listed or found"}},"required":["names"],"additionalProperties":false},"annotations":{"readOnlyHint":true,"openWorldHint":false}}"#.to_owned()
    }

    fn begin(&self, hub: &Hub, call: OwnCall) -> Result<Work> {
        let arguments = call.arguments()?;
        check_known(NAME, arguments, &["names"], NEXT)?;
        let names = texts(NAME, arguments, "names", MOST)?;
        if names.is_empty() {
            return Err(wrong(NAME, "needs `names`", NEXT));
        }
        let result = described(hub, &call.view, &names);
        Ok(Work::Own(Own::new(&call.caller, async move { Ok(result) })))
    }
}

/// The definitions of the tools of `view` with these names. A tool that is hidden is as one that is not there.
fn described(hub: &Hub, view: &View, names: &[String]) -> String {
    let items = &view.lists[0].items;
    let (mut found, mut unknown) = (Vec::new(), Vec::new());
    for name in names {
        match items.iter().find(|item| &item.key == name) {
            Some(item) => found.push(item.json.as_str()),
            None => unknown.push(raw::quote(&name.chars().take(128).collect::<String>())),
        }
    }
    let mut text = format!("{{\"tools\":[{}]", found.join(","));
    if !unknown.is_empty() {
        text.push_str(&format!(",\"unknown\":[{}]", unknown.join(",")));
    }
    text.push('}');
    let shown = view.family.count(&text);
    hub.telemetry().economy().saved(Means::Discovery).add(view.tokens.less(shown).tokens as u64);
    own::result(&text, &json!({"tutti/tokens": tokens::told(view.family, shown, view.tokens)}))
}
