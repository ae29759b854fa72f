//! What providers say around an answer and not of it: of their own time, their machines and how they count. It is named where it is
//! lost, and no reason to refuse an answer.

/// Members of an answer, by their last name.
const MEMBERS: [&str; 11] = [
    "avgLogprobs",
    "createTime",
    "inference_geo",
    "metrics",
    "modelStatus",
    "performanceConfig",
    // What was blocked by them is told as the reason for the end.
    "safetyRatings",
    "serviceTier",
    "service_tier",
    "system_fingerprint",
    "trafficType",
];

/// Whether what is lost at `path` says nothing of the answer itself. What it took is told in numbers that each dialect counts in
/// its own way.
pub(super) fn is_silent(path: &str) -> bool {
    if path.starts_with("usage.") {
        return true;
    }
    let member = path.strip_prefix("answer.").and_then(|path| path.rsplit('.').next());
    member.is_some_and(|member| MEMBERS.contains(&member))
}

#[cfg(test)]
mod tests;
