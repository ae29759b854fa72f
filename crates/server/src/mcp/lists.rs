//! Pages of the lists, from memory.

use base::{Code, Error, Result};
use mcp::{Era, Method, raw};
use std::borrow::Cow;
use tools::catalogue::{Item, LISTS};
use tools::{Hub, View, toolbox};

/// The result of a list request, as raw JSON. `more` stands behind what the view has; `for_all` says that whoever reaches
/// the hub gets the same.
pub(crate) fn page(
    hub: &Hub,
    view: &View,
    (method, params): (&Method, &str),
    more: Vec<Item>,
    era: Era,
    for_all: bool,
) -> Result<String> {
    let index = LISTS.iter().position(|(known, ..)| known == method);
    let (index, member) = index.map(|index| (index, LISTS[index].1)).ok_or_else(|| {
        Error::new(Code::MethodNotFound, format!("{} is no list", method.name()), "see the announced capabilities")
    })?;
    let (first, own): (Cow<'_, [_]>, _) = match index {
        0 => {
            let listed = toolbox::listed(view);
            (listed.upstreams, listed.own)
        }
        _ => (Cow::Borrowed(view.lists[index].items.as_slice()), more),
    };
    let items = || first.iter().chain(&own);
    let label = format!("{}/{member}", view.name);
    let start = match raw::get(params, "cursor") {
        None | Some("null") => 0,
        Some(cursor) => {
            let cursor = raw::text(cursor).unwrap_or_default();
            let (index, key) = hub.cursors().open(&label, &cursor)?;
            // Items may have come or gone since; the one that was last tells where to go on.
            items().position(|item| item.key == key).map_or(index, |found| found + 1)
        }
    };
    let page = || items().skip(start).take(hub.page());
    let mut out = String::with_capacity(page().map(|item| item.json.len() + 1).sum::<usize>() + 160);
    out.push('{');
    if era == Era::Modern {
        let hint = hub.hint(view, index);
        let scope = if hint.public && for_all { "public" } else { "private" };
        let milliseconds = hint.fresh.as_millis();
        out.push_str(&format!(r#""resultType":"complete","ttlMs":{milliseconds},"cacheScope":"{scope}","#));
    }
    out.push_str(&format!("\"{member}\":["));
    for (index, item) in page().enumerate() {
        if index > 0 {
            out.push(',');
        }
        out.push_str(&item.json);
    }
    out.push(']');
    let end = start + page().count();
    if end < items().count()
        && let Some(last) = page().last()
    {
        out.push_str(&format!(",\"nextCursor\":{}", raw::quote(&hub.cursors().seal(&label, end, &last.key))));
    }
    out.push('}');
    Ok(out)
}
