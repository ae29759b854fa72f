use super::Vector;
use proptest::prelude::*;

#[test]
fn odd_vectors_are_like_nothing() {
    let some = Vector::new(&[1.0, 0.0]);
    assert_eq!(some.likeness(&Vector::new(&[0.0, 0.0])), 0.0);
    assert_eq!(some.likeness(&Vector::new(&[1.0])), 0.0);
    assert!((some.likeness(&Vector::new(&[5.0, f32::NAN])) - 1.0).abs() < 1e-3);
}

proptest! {
    #[test]
    fn likeness_is_the_cosine_and_bytes_lose_nothing(
        left in prop::collection::vec(-1.0_f32..1.0, 64),
        right in prop::collection::vec(-1.0_f32..1.0, 64),
    ) {
        let dot = |left: &[f32], right: &[f32]| left.iter().zip(right).map(|(left, right)| left * right).sum::<f32>();
        let expected = dot(&left, &right) / (dot(&left, &left) * dot(&right, &right)).sqrt();
        let (left, right) = (Vector::new(&left), Vector::new(&right));
        prop_assert!((left.likeness(&right) - expected).abs() < 0.01);
        prop_assert_eq!(Vector::from_bytes(&left.to_bytes()), left);
    }
}
