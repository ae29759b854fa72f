//! Files of prompts with a partial, what they make of a value, and suites. What is rendered has as many messages as the file at
//! most, and a file that was read is read again.

use super::input;
use prompts::suite::Suite;
use prompts::{File, gather};
use serde_json::json;

/// The most messages that a prompt may have.
const MESSAGES: usize = 64;

pub(crate) fn feed(data: &[u8]) {
    let Some([text, partial, value]) = input::texts(data) else { return };
    let _ = Suite::read("suite.yaml", text);
    let file = |path: &str, text: &str| File { path: path.to_owned(), text: text.to_owned() };
    let Ok(found) = gather(&[file("p/a.md", text), file("p/_b.md", partial)]) else { return };
    for prompt in found {
        let arguments = prompt.parameters.iter().map(|parameter| (parameter.name.clone(), json!(value))).collect();
        if let Ok(messages) = prompt.render_texts(&arguments) {
            assert!(messages.len() <= MESSAGES, "{} messages", messages.len());
        }
        assert!(prompt.with_body(prompt.body()).is_ok(), "a prompt is not read again");
    }
}
