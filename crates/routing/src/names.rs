//! Tables of names, as they are written in configurations and requests.

/// The name that `value` has in a table of names.
pub(crate) fn name_in<T: Copy + PartialEq>(names: &[(&'static str, T)], value: T) -> &'static str {
    names.iter().find(|(_, named)| *named == value).map_or("", |(name, _)| name)
}
