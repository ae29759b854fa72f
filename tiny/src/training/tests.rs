use super::*;

#[test]
fn the_rate_rises_falls_and_ends() {
    assert!(rate(0) < rate(WARM_UP - 1) && rate(WARM_UP) > rate(STEPS - 1));
    assert!(rate(STEPS - 1) > 0.0 && (0..STEPS).all(|step| rate(step) <= PEAK));
}

#[test]
fn a_step_goes_down() {
    // The loss is the square of the distance to 3.
    let (mut numbers, mut adam) = ([0.0_f32], Adam { mean: vec![0.0], square: vec![0.0], decay: (1.0, 1.0) });
    for step in 0..200 {
        let gradient = [2.0 * (numbers[0] - 3.0)];
        adam.step(&mut numbers, &gradient, 0.2 * (200 - step) as f32 / 200.0, 1.0);
    }
    assert!((numbers[0] - 3.0).abs() < 0.05, "{numbers:?}");
}
