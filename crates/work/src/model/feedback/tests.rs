use super::*;

#[test]
fn a_score_is_a_number_from_0_to_1() {
    for (text, expected) in [("0", 0.0), ("1", 1.0), ("0.25", 0.25), ("1e-3", 0.001)] {
        assert_eq!(score(text).unwrap(), expected, "{text}");
    }
    for text in ["", "-0.1", "1.1", "NaN", "inf", "good"] {
        assert_eq!(score(text).unwrap_err().code(), Code::Usage, "{text}");
    }
}
