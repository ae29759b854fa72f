use super::{Random, test};

#[test]
fn signs_are_counted() {
    assert_eq!(test(&[1.0; 5], 0).chance, 1.0 / 32.0);
    assert_eq!(test(&[-1.0; 5], 0).chance, 1.0);
    assert_eq!((test(&[], 0).chance, test(&[0.0; 9], 0).chance), (1.0, 1.0));
    assert_eq!(test(&[1.0, 1.0, -1.0], 0).chance, 0.5);
    let many = test(&[0.5; 40], 7);
    assert!(many.mean == 0.5 && many.chance < 0.001);
    assert_eq!(many, test(&[0.5; 40], 7));
}

#[test]
fn without_a_difference_it_is_claimed_no_more_often_than_it_says() {
    let mut random = Random(3);
    for cases in [8, 40] {
        let claims = (0..200).filter(|_| {
            let differences: Vec<f64> = (0..cases).map(|_| if random.next() >> 63 == 1 { 1.0 } else { -1.0 }).collect();
            test(&differences, 1).chance <= 0.05
        });
        assert!(claims.count() <= 18);
    }
}
