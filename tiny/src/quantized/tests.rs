use super::*;
use crate::random::Random;

#[test]
fn halves_are_those_of_ieee_754() {
    for (number, bits) in [
        (0.0, 0),
        (1.0, 0x3C00),
        (1.5, 0x3E00),
        (0.333_251_95, 0x3555),
        (65_504.0, 0x7BFF),
        (6.103_515_6e-5, 0x0400),
        (6.097_555e-5, 0x03FF),
        (5.960_464_5e-8, 0x0001),
    ] {
        assert_eq!(half(number), bits, "{number}");
        assert_eq!(whole(bits), number);
    }
    // Between two the even one: 1 and a half of the last place, and three halves.
    assert_eq!([half(1.0 + 0.000_488_281_25), half(1.0 + 3.0 * 0.000_488_281_25)], [0x3C00, 0x3C02]);
}

#[test]
fn numbers_come_back_nearly() {
    let mut random = Random::new(2);
    let numbers: Vec<f32> = (0..4 * BLOCK).map(|_| random.normal()).chain([0.0; BLOCK]).collect();
    let bytes = pack(&numbers);
    assert_eq!(bytes.len(), 5 * 34);
    let back = unpack(&bytes);
    assert!(numbers.iter().zip(&back).all(|(number, back)| (number - back).abs() < 0.02));
    assert_eq!(back[4 * BLOCK..], [0.0; BLOCK]);
    assert_eq!(pack(&back), bytes);
}
