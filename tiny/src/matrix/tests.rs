use super::*;
use crate::random::Random;

#[test]
fn products_are_those_of_the_definition() {
    let mut random = Random::new(1);
    for (rows, columns, inner) in [(1, 16, 3), (4, 32, 5), (7, 48, 1), (13, 16, 9)] {
        let left: Vec<f32> = (0..rows * inner).map(|_| random.normal()).collect();
        let right: Vec<f32> = (0..inner * columns).map(|_| random.normal()).collect();
        let mut wanted = vec![1.0_f32; rows * columns];
        for row in 0..rows {
            for column in 0..columns {
                wanted[row * columns + column] +=
                    (0..inner).map(|at| left[row * inner + at] * right[at * columns + column]).sum::<f32>();
            }
        }
        let mut found = vec![1.0_f32; rows * columns];
        multiply(&mut found, View::new(&left, inner), View::new(&right, columns), columns, inner);
        let turned: Vec<f32> = (0..inner * rows).map(|at| left[(at % rows) * inner + at / rows]).collect();
        let mut again = vec![1.0_f32; rows * columns];
        multiply(&mut again, View::new(&turned, rows).transposed(), View::new(&right, columns), columns, inner);
        assert_eq!(found, again);
        assert!(found.iter().zip(&wanted).all(|(found, wanted)| (found - wanted).abs() < 1e-4));
    }
}

#[test]
fn functions_are_near_those_of_the_system() {
    for step in -8_600..=860 {
        let value = step as f32 / 100.0;
        assert!((exponential(value) / value.exp() - 1.0).abs() < 1e-6, "{value}");
    }
    for step in 0..=100 {
        let angle = f64::from(step) / 100.0;
        let (cosine, sine) = direction(angle);
        assert!((cosine - angle.cos()).abs() < 1e-15 && (sine - angle.sin()).abs() < 1e-15);
    }
    let mut row = [1.0, 2.0, 3.0];
    softmax(&mut row);
    assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-6 && row[2] > row[1]);
    assert!((dot(&[1.0; 19], &[2.0; 19]) - 38.0).abs() < 1e-6);
}
