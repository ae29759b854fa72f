//! Arguments of an API's operations: each stays in the place that the document gives it.

use super::input;
use openapi::{Api, Document, Options, Selection};
use std::sync::LazyLock;

const TEXT: &str = include_str!("../../crates/openapi/golden/styles.yaml");

static API: LazyLock<Option<Api>> = LazyLock::new(|| {
    let document = Document::read("styles.yaml", TEXT).ok()?;
    let selection = Selection::new(Some(vec!["*".to_owned()]), Vec::new()).ok()?;
    Api::new(&document, &Options { selection, ..Options::default() }).ok()
});

pub(crate) fn feed(data: &[u8]) {
    let Some(api) = &*API else { panic!("the document of the tests is not read") };
    let (chosen, data) = input::choice(data);
    let Ok(text) = std::str::from_utf8(data) else { return };
    if mcp::raw::deeper_than(text, 100) {
        return;
    }
    let (Some(arguments), operation) = (input::object(text), &api.operations[chosen % api.operations.len()]) else {
        return;
    };
    let Ok(request) = api.request(operation, &arguments, "boundary") else { return };
    super::openapi::in_place(&request);
    // Every path of this document has its own first segment, which no argument may take away.
    let path = request.target.split('?').next().unwrap_or_default();
    let fixed = request.target.split('/').nth(1).unwrap_or_default().split('?').next().unwrap_or_default();
    assert!(TEXT.contains(&format!("  /{fixed}")), "{path} is no path of the document");
}
