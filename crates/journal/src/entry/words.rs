//! The words for what an entry says.

use super::{End, Resolution};

impl Resolution {
    pub(super) const ALL: [Resolution; 3] = [Resolution::Happened, Resolution::Retry, Resolution::Fail];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Resolution::Happened => "happened",
            Resolution::Retry => "retry",
            Resolution::Fail => "fail",
        }
    }
}

impl End {
    pub(super) const ALL: [End; 3] = [End::Succeeded, End::Failed, End::Cancelled];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            End::Succeeded => "succeeded",
            End::Failed => "failed",
            End::Cancelled => "cancelled",
        }
    }
}
