use super::Quality;

#[test]
fn a_ranking_is_measured_as_the_definitions_say() {
    let mut quality = Quality::default();
    quality.count(&["a", "b", "c"], &["b".to_owned(), "d".to_owned()]);
    quality.count(&["x"], &["x".to_owned()]);
    let row = quality.row("set", "text");
    // First query: nothing at 1, half at 5; the ideal has hits at 1 and 2, found is one at 2.
    let first = (1.0 / 3_f64.log2()) / (1.0 + 1.0 / 3_f64.log2());
    assert_eq!(row["r1"], 50.0);
    assert_eq!(row["r5"], 75.0);
    assert_eq!(row["mrr"], 75.0);
    assert_eq!(row["ndcg10"], ((first + 1.0) / 2.0 * 10_000.0).round() / 100.0);
    assert_eq!(row["queries"], 2);
}
