//! How large a workflow may be. All that a stranger controls has an end.

use std::time::Duration;

/// Bytes of a file.
pub const FILE: usize = 256 << 10;
/// Workflows of one file.
pub const WORKFLOWS: usize = 64;
/// Steps of a workflow, those within others counted.
pub const STEPS: usize = 500;
/// Steps within each other.
pub const DEPTH: usize = 8;
/// Parameters of a workflow.
pub const PARAMETERS: usize = 64;
/// Bytes of one template.
pub const TEMPLATE: usize = 64 << 10;
/// Steps of the template machine that one template takes: a loop over some thousand items.
pub const FUEL: u64 = 500_000;
/// Bytes that one template makes.
pub const OUTPUT: usize = 4 << 20;
/// Queries of one `parallel_query`.
pub const QUERIES: usize = 64;
/// Cases of one `switch`.
pub const CASES: usize = 64;
/// Needs and writes of one step.
pub const NEEDS: usize = 64;
/// Names in `after`.
pub const AFTER: usize = 64;
/// Schedules and webhooks of a workflow.
pub const TRIGGERS: usize = 16;
/// Items of a `for_each` where it says nothing, and the most that it may say.
pub const ITEMS: (u32, u32) = (1_000, 100_000);
/// Items of a `for_each` at once where it says nothing, and the most that it may say.
pub const CONCURRENCY: (u32, u32) = (8, 256);
/// Rounds of a `repeat` where it says nothing, and the most that it may say.
pub const ROUNDS: (u32, u32) = (10, 1_000);
/// Attempts of a step.
pub const ATTEMPTS: u32 = 20;
/// The longest that a step, a gate or a wait takes.
pub const LONGEST: Duration = Duration::from_secs(366 * 86_400);
/// The least number of tokens from which on a talk is made shorter, and the most of its rounds or results that stay whole.
pub const COMPACT: (i64, i64) = (1_000, 1_000);
/// Tokens of a budget.
pub const TOKENS: i64 = 1_000_000_000_000;
/// Errors that one file is told of.
pub const ERRORS: usize = 200;
/// The longest name of a workflow, a step or a parameter.
pub const NAME: usize = 64;

/// Whether it can be the name of a workflow, a step or a parameter.
pub fn is_name(name: &str) -> bool {
    name.len() <= NAME && is_variable(name)
}

/// Whether templates can use it as a name.
pub fn is_variable(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && name.len() <= 2 * NAME
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
