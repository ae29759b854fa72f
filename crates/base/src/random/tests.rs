use super::fraction;

#[test]
fn fractions_lie_everywhere_between_0_and_1() {
    let mut tenths = [0; 10];
    for _ in 0..10_000 {
        let fraction = fraction();
        assert!((0.0..1.0).contains(&fraction), "{fraction}");
        tenths[(fraction * 10.0) as usize] += 1;
    }
    // A thousand each, and a deviation of ten standard ones is never seen.
    assert!(tenths.iter().all(|count| (700..1300).contains(count)), "{tenths:?}");
}
