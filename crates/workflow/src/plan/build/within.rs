//! Runs within runs keep to the budget around them.

use super::Builder;
use crate::definition::{Name, RunBudget};
use crate::source::short;
use base::Code;

impl Builder<'_> {
    /// What a workflow takes that is run within this one is limited by its own budget, which is set aside before it is begun. Without
    /// one nobody knows how much that is, and above the budget of this one it never fits.
    pub(super) fn budget_within(&mut self, name: &Name, inner: RunBudget) {
        let outer = self.workflow.budget;
        let kinds = [("money", outer.money, inner.money), ("tokens", outer.tokens, inner.tokens)];
        let shown = short(&name.name);
        for (kind, most, own) in kinds {
            let Some(most) = most else { continue };
            let (message, next) = match own {
                Some(own) if own <= most => continue,
                Some(_) => (
                    format!("the workflow `{shown}` has a larger budget of {kind} than this one, in which it runs"),
                    format!("lower `{kind}` in the `budget` of `{shown}`, or raise it in this one"),
                ),
                None => (
                    format!("the workflow `{shown}` has no budget of {kind}, and this one, in which it runs, has one"),
                    format!("give `{shown}` a `budget` with `{kind}`: so much is set aside before it is begun"),
                ),
            };
            self.wrong(Code::WorkflowBudget, name.at, message, next);
        }
    }
}
