//! Whether the arguments of a plan fit the schemas of its tools.

use crate::definition::Plan;
use crate::target::Target;
use base::Error;

/// What does not fit.
pub(crate) fn faults(plan: &Plan, targets: &[Target]) -> Vec<Error> {
    let _ = (plan, targets);
    Vec::new()
}
