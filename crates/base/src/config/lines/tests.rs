use super::Lines;
use proptest::prelude::*;

proptest! {
    #[test]
    fn a_place_is_what_counting_gives(text in "[a-zé\n\u{1F600}]{0,900}", share in 0.0..1.0) {
        let mut offset = (text.len() as f64 * share) as usize;
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &text[..offset];
        let place = Lines::of(&text).place(offset);
        prop_assert_eq!(place.line, before.matches('\n').count() + 1);
        prop_assert_eq!(place.column, before.rsplit('\n').next().unwrap().chars().count() + 1);
    }
}
