//! An operation as it stands in the document.

use crate::convert::truth;
use serde_json::Value;

/// An operation and the path that it is under.
pub(crate) struct Found<'a> {
    pub(crate) method: &'static str,
    pub(crate) path: &'a str,
    pub(crate) item: &'a Value,
    pub(crate) value: &'a Value,
}

impl<'a> Found<'a> {
    pub(crate) fn id(&self) -> Option<&'a str> {
        self.value.get("operationId").and_then(Value::as_str).filter(|id| !id.trim().is_empty())
    }
}

/// Whether the document says that it will go away.
pub(crate) fn is_deprecated(value: &Value) -> bool {
    truth(value.get("deprecated")) == Some(true)
}
