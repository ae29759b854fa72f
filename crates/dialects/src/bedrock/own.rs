//! Words that all of this dialect's code says.

use conversation::dialect::Dialect;

pub(super) const OWN: Dialect = Dialect::Bedrock;
/// A note of a member that usually stands there and did not.
pub(super) const ABSENT: &str = "absent";
/// The most letters of an id, and of the name of a tool.
pub(super) const LONGEST: usize = 64;
