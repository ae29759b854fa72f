//! Which text that was asked before means the same as a new one, and how sure that is.
//!
//! A cache by meaning gives one question the answer to another. Vectors alone cannot tell whether it may: texts that differ in
//! a number, a name or a `not` are more alike to them than most paraphrases. So [`Reading`] takes texts apart, and [`compare`]
//! says which are the same but for notation, and which differ in something that changes the answer, or of which that cannot be
//! told. What is left is in other words: found by likeness, and answered only once real answers have shown that it may be.
//! [`Entries`] remembers of which texts the answers were the same when both were asked, and [`Evidence`] how often that,
//! or a likeness, would have misled: nothing is given before that is below the bound that the operator states. The idea of a
//! threshold for each entry and a bound on errors is that of vCache (arXiv 2502.03771).
//!
//! Pure: the caller has the vectors, the clock and the dice.

mod comparison;
mod entries;
mod evidence;
mod links;
mod reading;
mod words;

pub use comparison::{Comparison, Difference, compare};
pub use entries::{Answer, Asked, Compared, Entries, Kept, Meaning, Policy};
pub use evidence::{Evidence, LEVELS, VERIFIED};
pub use reading::{Digest, LONGEST, Reading};
