//! The workflows of the configuration: which of them could not be started.

use super::check::Check;
use assembly::wiring::Resolved;
use assembly::workflows::Available;

/// The faults of each workflow, as far as they are seen without its servers.
pub(super) fn checks(resolved: &Resolved) -> Vec<Check> {
    let definitions = &resolved.workflows;
    if definitions.is_empty() {
        return Vec::new();
    }
    let mut faults: Vec<Check> = Available::of(resolved)
        .faults(definitions)
        .iter()
        .map(|(name, error)| Check::failed(&format!("workflow {name}"), error))
        .collect();
    if faults.is_empty() {
        let text = match definitions.len() {
            1 => "the one of the configuration can be started".to_owned(),
            count => format!("all {count} of the configuration can be started"),
        };
        faults.push(Check::ok("workflows", text));
    }
    faults
}

#[cfg(test)]
mod tests;
