//! What the name of a model says about it.

/// The generation in a name such as `models/gemini-2.5-flash`.
fn generation(model: &str) -> Option<u32> {
    let name = model.rsplit('/').next().unwrap_or_default();
    let digits = name.strip_prefix("gemini-")?;
    digits.split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
}

/// Whether the model is of a generation before Gemini 3: it thinks by budgets and not by levels, needs no signatures, and
/// takes no media in results of tools. A name that does not say counts as new.
pub(super) fn is_before_3(model: &str) -> bool {
    generation(model).is_some_and(|generation| generation < 3)
}

/// Whether the model has no thinking level below `LOW`.
pub(super) fn is_pro(model: &str) -> bool {
    model.contains("pro")
}
