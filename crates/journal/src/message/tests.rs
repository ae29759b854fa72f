use super::shortened;
use crate::limits::MESSAGE;
use crate::{Entry, Kind, StepPath};
use proptest::prelude::*;

#[test]
fn messages_are_cut_by_how_long_they_are_written() {
    for (one, most) in [("a", MESSAGE), ("é", MESSAGE / 2), ("\"", MESSAGE / 2), ("\u{1}", MESSAGE / 6)] {
        assert_eq!(shortened(one.repeat(most)), one.repeat(most));
        assert_eq!(shortened(one.repeat(3 * MESSAGE)), one.repeat(most), "{one:?}");
    }
}

proptest! {
    #[test]
    fn what_is_cut_fits_an_entry(part in "\\PC{0,3}[\\x00-\\x1f\"\\\\é]{0,3}", times in 0_usize..5000) {
        let message = shortened(part.repeat(times));
        prop_assert!(part.repeat(times).starts_with(&message));
        prop_assert!(serde_json::to_string(&message).unwrap().len() <= MESSAGE + 2);
        let failed = Kind::Failed { code: "T-0001".to_owned(), message };
        prop_assert!(Entry::of_step(0, StepPath::new("a").unwrap(), 1, failed).check_whole().is_ok());
    }
}
