use super::Weights;
use crate::minilm::half::half;

#[test]
fn numbers_of_two_bytes_are_read_as_the_standard_says() {
    for (bits, number) in [
        (0x3c00_u16, 1.0),
        (0xc000, -2.0),
        (0x0001, 5.960_464_5e-8),
        (0x7bff, 65_504.0),
        (0x3555, 0.333_251_95),
        (0, 0.0),
    ] {
        assert_eq!(half(bits.to_le_bytes()), number);
    }
}

#[test]
fn a_file_that_is_not_whole_is_refused() {
    assert!(Weights::read(b"").is_err());
    assert!(Weights::read(b"TUTTI EMBEDDER 1\xff\xff\xff\xff").is_err());
    assert!(Weights::read(b"SOMETHING ELSE 1\x00\x00\x00\x00").is_err());
}
