//! What models of Google's refuse.

use super::tell_format;
use crate::gemini::{is_before_2_5, wants_signatures};
use conversation::loss::Losses;
use conversation::request::{Format, Request};

/// Whether the model can be told how to think. Those before 2.5 cannot, but for one that was an experiment.
pub(super) fn may_think(model: &str) -> bool {
    !is_before_2_5(model) || model.contains("thinking")
}

/// Says the form of an answer in words beside tools: models before Gemini 3 refuse both at once.
pub(super) fn fit(request: &mut Request, losses: &mut Losses) {
    let formed = matches!(request.format, Some(Format::JsonSchema(_) | Format::JsonObject));
    if formed && !request.tools.is_empty() && !wants_signatures(&request.model) {
        tell_format(request, losses);
    }
}
