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

/// Whether the model is of a generation that cannot be told how to think.
pub(super) fn is_before_2_5(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or_default();
    generation(model).is_some_and(|generation| generation < 2) || name.starts_with("gemini-2.0")
}

/// Whether the model has no thinking level below `LOW`.
pub(super) fn is_pro(model: &str) -> bool {
    model.contains("pro")
}

/// Within which bounds a model thinks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budgets {
    pub(super) least: u64,
    pub(super) most: u64,
    pub(super) can_be_off: bool,
}

/// The budgets that a model of Gemini 2.5 takes (ai.google.dev/gemini-api/docs/thinking); none where that is not known.
pub(super) fn budgets(model: &str) -> Option<Budgets> {
    let name = model.rsplit('/').next().unwrap_or_default().strip_prefix("gemini-2.5-")?;
    let (least, most, can_be_off) = match name {
        _ if name.starts_with("pro") => (128, 32_768, false),
        _ if name.starts_with("flash-lite") => (512, 24_576, true),
        _ if name.starts_with("flash") => (1, 24_576, true),
        _ => return None,
    };
    Some(Budgets { least, most, can_be_off })
}
