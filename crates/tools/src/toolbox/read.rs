//! `read_result`: what was left out of a result, piece by piece, or where a word stands in it.

use super::arguments::{check_known, texts, wrong};
use crate::hub::Hub;
use crate::own::{self, Own, OwnCall, OwnTool, Work};
use crate::view::View;
use crate::wholes::{Whole, unknown};
use base::Result;
use context::tokens::{Family, Meter};
use mcp::raw;
use serde_json::json;

pub(super) struct ReadResult;

const NAME: &str = "read_result";

const NEXT: &str = "call it with `id`, as the shortened result says it, and `from` or `find`";

/// The most tokens of one piece, and how many there are unless the client says otherwise.
const MOST: usize = 20_000;
const USUAL: usize = 2_000;

/// The most places that a search gives, and the bytes before and behind each.
const PLACES: usize = 20;
const AROUND: usize = 100;

impl OwnTool for ReadResult {
    fn name(&self) -> &'static str {
        NAME
    }

    fn offered(&self, view: &View) -> bool {
        // Results of a plan may be too large to be answered too.
        view.context.is_some() || view.plans
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
            None | Some("text") => whole.text.as_str(),
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

fn whole_structured(whole: &Whole) -> Result<&str> {
    whole.structured.as_deref().ok_or_else(|| wrong(NAME, "finds no structured content in this result", NEXT))
}

/// At most `tokens` tokens of `text` from the byte `from` on, and where it goes on.
pub(super) fn piece(text: &str, from: usize, tokens: usize, family: Family) -> String {
    let start = text.floor_char_boundary(from.min(text.len()));
    let rest = &text[start..];
    let end = start + Meter::of_parts(family).beginning(rest, tokens);
    let ends = if end == text.len() { "the end".to_owned() } else { format!("go on with from: {end}") };
    format!("{}\n[bytes {start} to {end} of {}; {ends}]", &text[start..end], text.len())
}

/// Where `find` stands in `text`, in any case of letters, with what is around it.
fn places(text: &str, find: &str) -> String {
    // Only letters of English change their case, so that all places stay where they are.
    let (lower, wanted) = (text.to_ascii_lowercase(), find.to_ascii_lowercase());
    let mut found = memchr::memmem::find_iter(lower.as_bytes(), wanted.as_bytes());
    let lines: Vec<String> = found
        .by_ref()
        .take(PLACES)
        .map(|at| {
            let start = text.floor_char_boundary(at.saturating_sub(AROUND));
            let end = text.ceil_char_boundary((at + wanted.len() + AROUND).min(text.len()));
            format!("{at}: {}", text[start..end].replace(['\n', '\r'], " "))
        })
        .collect();
    let more = found.count();
    match (lines.is_empty(), more) {
        (true, _) => "It stands nowhere in this result.".to_owned(),
        (_, 0) => lines.join("\n"),
        (_, more) => format!("{}\n[{more} more places]", lines.join("\n")),
    }
}
