use super::{gelu, normalise, softmax};

#[test]
fn the_unit_is_that_of_the_tables() {
    // Products with the normal distribution's values.
    let mut numbers = [-3.0, -1.0, 0.0, 0.5, 1.0, 3.0];
    gelu(&mut numbers);
    let expected = [-0.004_049_7, -0.158_655_3, 0.0, 0.345_731_2, 0.841_344_7, 2.995_950_3];
    assert!(numbers.iter().zip(expected).all(|(number, expected)| (number - expected).abs() < 1e-5), "{numbers:?}");
}

#[test]
fn shares_and_rows_are_brought_to_their_measure() {
    let mut shares: Vec<f32> = (0..21).map(|number| number as f32 * 3.0).collect();
    softmax(&mut shares);
    assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-5 && shares[20] > 0.9);
    let mut row: Vec<f32> = (0..40).map(|number| number as f32).collect();
    normalise(&mut row, &[2.0; 40], &[1.0; 40]);
    let mean = row.iter().sum::<f32>() / 40.0;
    let variance = row.iter().map(|number| (number - mean) * (number - mean)).sum::<f32>() / 40.0;
    assert!((mean - 1.0).abs() < 1e-4 && (variance - 4.0).abs() < 1e-3);
}
