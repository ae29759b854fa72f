//! `read_result`: what was left out of a result, piece by piece, or where a word stands in it.

use super::arguments::{check_known, texts, wrong};
use crate::hub::Hub;
use crate::own::{self, Own, OwnCall, OwnTool, Work};
use crate::view::View;
use crate::wholes::{Whole, unknown};
use base::Result;
use context::piece::{piece, places};
use mcp::raw;
use serde_json::json;

pub(super) struct ReadResult;

const NAME: &str = "read_result";

const NEXT: &str = "call it with `id`, as the shortened result says it, and `from` or `find`";

/// The most tokens of one piece, and how many there are unless the client says otherwise.
const MOST: usize = 20_000;
const USUAL: usize = 2_000;

impl OwnTool for ReadResult {
    fn name(&self) -> &'static str {
        NAME
    }

    fn offered(&self, view: &View) -> bool {
        // Results of a plan may be too large to be answered too.
        view.context.is_some() || view.plans == Some(true)
    }

    fn taken(&self, view: &View) -> bool {
        // Plans that nobody asked for shall not cost one more definition; `call_tool` calls this tool too.
        self.offered(view) || view.offers_plans()
    }

    fn definition(&self, _view: &View) -> String {
        r#"{"name":"read_result","title":"Read the rest of a result","description":"Reads what was left out of a result, from a byte on, or finds where a text stands in it.","inputSchema":{"type":"object","properties":{"id":{"type":"string"},"from":{"type":"integer","minimum":0},"tokens":{"type":"integer","minimum":1,"maximum":20000},"find":{"type":"string","description":"Give the places of this text instead"},"part":{"enum":["text","structured","whole"],"description":"whole is the result as its server sent it, as JSON"}},"required":["id"],"additionalProperties":false},"annotations":{"readOnlyHint":true,"openWorldHint":false}}"#.to_owned()
    }

    fn begin(&self, hub: &Hub, call: OwnCall) -> Result<Work> {
        let arguments = call.arguments()?;
        check_known(NAME, arguments, &["id", "from", "tokens", "find", "part"], NEXT)?;
        let one = |name| texts(NAME, arguments, name, 1).map(|all| all.into_iter().next());
        let number =
            |name: &str, usual: usize, most: usize| match raw::get(arguments, name) {
                None | Some("null") => Ok(usual),
                Some(text) => text.parse().ok().filter(|number| *number <= most).ok_or_else(|| {
                    wrong(NAME, &format!("needs `{name}` to be a whole number of at most {most}"), NEXT)
                }),
            };
        let id = one("id")?.ok_or_else(|| wrong(NAME, "needs `id`", NEXT))?;
        let (find, part) = (one("find")?, one("part")?);
        let (from, tokens) = (number("from", 0, usize::MAX)?, number("tokens", USUAL, MOST)?.max(1));
        let whole = hub.wholes().get(&id, &call.caller.owner).ok_or_else(unknown)?;
        let text = match part.as_deref() {
            None => usual(&whole),
            Some("text") => whole.text.as_str(),
            Some("structured") => whole_structured(&whole)?,
            Some("whole") => whole.result.as_str(),
            Some(_) => return Err(wrong(NAME, "takes for `part` only text, structured and whole", NEXT)),
        };
        let said = match find.filter(|find| !find.is_empty()) {
            Some(find) => places(text, &find),
            None => piece(text, from, tokens, call.view.family),
        };
        let result = own::result(&said, &json!({}));
        Ok(Work::Own(Own::new(&call.caller, async move { Ok(result) })))
    }
}

/// What is read of a result unless the client says otherwise: its texts, and of one that has none what it has.
fn usual(whole: &Whole) -> &str {
    match &whole.structured {
        _ if !whole.text.is_empty() => &whole.text,
        Some(structured) => structured,
        None => &whole.result,
    }
}

fn whole_structured(whole: &Whole) -> Result<&str> {
    whole.structured.as_deref().ok_or_else(|| wrong(NAME, "finds no structured content in this result", NEXT))
}
