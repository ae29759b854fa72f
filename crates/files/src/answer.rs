//! What a tool answers: text for the model, and the same as data.

use base::Error;
use serde_json::{Value, json};

/// The result of a tool that worked.
pub(super) struct Answer {
    blocks: Vec<Value>,
    structured: Value,
}

impl Answer {
    /// An answer of one block of text, and the same as data.
    pub(super) fn new(text: impl Into<String>, structured: Value) -> Self {
        Answer { blocks: vec![text_block(text)], structured }
    }

    /// An answer of a block that is no text (an image, a resource), and what it is as data.
    pub(super) fn of_block(block: Value, structured: Value) -> Self {
        Answer { blocks: vec![block], structured }
    }

    /// Adds a block of text, such as a note on what is missing.
    #[must_use]
    pub(super) fn with_text(mut self, text: impl Into<String>) -> Self {
        self.blocks.push(text_block(text));
        self
    }

    /// The `CallToolResult`.
    pub(super) fn into_json(self) -> Value {
        json!({"content": self.blocks, "structuredContent": self.structured, "isError": false})
    }
}

/// The `CallToolResult` of a tool that failed.
pub(super) fn failed(error: &Error) -> Value {
    json!({"content": [text_block(error.to_string())], "structuredContent": error.to_json(), "isError": true})
}

fn text_block(text: impl Into<String>) -> Value {
    json!({"type": "text", "text": text.into()})
}
