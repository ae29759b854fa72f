use super::{exponential, from_half, sum, to_half};

#[test]
fn every_finite_half_comes_back() {
    for bits in (0..0x7c00_u16).chain(0x8000..0xfc00) {
        assert_eq!(to_half(from_half(bits)), bits, "{bits:x}");
    }
}

#[test]
fn halves_are_the_nearest() {
    let cases = [(1.0 + 1.0 / 2048.0, 1.0), (1.0 + 3.0 / 2048.0, 1.0 + 2.0 / 1024.0), (1e9, 65_504.0), (1e-9, 0.0)];
    for (number, expected) in cases {
        assert_eq!(from_half(to_half(number)), expected);
        assert_eq!(from_half(to_half(-number)), -expected);
    }
    let table =
        [(0x3c00, 1.0), (0xc000, -2.0), (0x0001, 5.960_464_5e-8), (0x7bff, 65_504.0), (0x3555, 0.333_251_95), (0, 0.0)];
    for (bits, number) in table {
        assert_eq!(from_half(bits), number, "{bits:x}");
    }
}

#[test]
fn the_exponential_is_right_to_six_digits() {
    for step in -870..880 {
        let number = step as f32 / 10.0;
        let exact = f64::from(number).exp();
        assert!((f64::from(exponential(number)) / exact - 1.0).abs() < 1e-6, "{number}");
    }
}

#[test]
fn sums_leave_nothing_out() {
    for count in 0..40_u16 {
        let numbers: Vec<f32> = (0..count).map(f32::from).collect();
        assert_eq!(
            sum(&numbers, |number| 2.0 * number),
            f32::from(count) * (f32::from(count) - 1.0).max(0.0),
            "{count}"
        );
    }
}
