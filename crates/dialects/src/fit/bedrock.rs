//! What models at Bedrock refuse, whoever made them.

use super::tell_format;
use crate::anthropic::version;
use conversation::loss::Losses;
use conversation::request::{Format, Request, Tool};

/// Who makes no model that keeps to schemas there (docs.aws.amazon.com/bedrock, "Get validated JSON results from models", names those who do).
const WITHOUT_SCHEMAS: [&str; 6] = ["amazon.nova", "amazon.titan", "meta.llama", "cohere.", "ai21.", "deepseek.r1"];

/// Leaves out that a tool's arguments keep to a schema, and says the form of the answer in words, where the model refuses to be
/// told so: `Extra inputs are not permitted`, even of `false`.
pub(super) fn fit(request: &mut Request, losses: &mut Losses) {
    if !takes_strict(&request.model) {
        for (number, tool) in request.tools.iter_mut().enumerate() {
            if let Tool::Function(function) = tool {
                losses.add_if(function.strict.take() == Some(true), &format!("tools[{number}].strict"));
            }
        }
    }
    if matches!(request.format, Some(Format::JsonSchema(_))) && !takes_form(&request.model) {
        tell_format(request, losses);
    }
}

/// Whether tools may be strict. Of what came after 4.6 there two are known to take it, and others of the same generation to refuse it.
fn takes_strict(model: &str) -> bool {
    let newer = || version(model) == Some((5, 0)) && ["opus", "fable"].into_iter().any(|name| model.contains(name));
    takes_form(model) || newer()
}

/// Whether the answer may have a form: Claude from 4.1 to 4.6, and models of others that are not known to have none.
fn takes_form(model: &str) -> bool {
    match version(model) {
        Some(version) => ((4, 1)..=(4, 6)).contains(&version),
        None => !WITHOUT_SCHEMAS.into_iter().any(|maker| model.contains(maker)),
    }
}

#[cfg(test)]
mod tests;
