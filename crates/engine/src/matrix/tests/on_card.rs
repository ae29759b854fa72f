//! Products on a card against those of the processor.

use super::{numbers, random};
use crate::matrix::Inputs;
use crate::place::tests::on_card::card;
use crate::unpack::tests::PACKED;
use cards::Kind;
use proptest::prelude::*;

fn kinds() -> impl Strategy<Value = Kind> {
    let kinds = PACKED.into_iter().chain([Kind::F32, Kind::F16, Kind::Bf16]);
    prop::sample::select(kinds.collect::<Vec<_>>())
}

/// That a card finds what the processor finds, up to a ten-thousandth of the sum of all products without their signs.
fn assert_same(kind: Kind, blocks: usize, count: usize, seed: u64) {
    let width = blocks * kind.block().max(16);
    let (mut matrix, weights) = random(kind, width);
    let plain = numbers(count * width, seed);
    let inputs = Inputs::new(plain.clone(), width);
    let rows = matrix.outputs();
    let expected = matrix.multiply(0..rows, &inputs);
    let card = card(u64::MAX);
    matrix.upload(&card).unwrap();
    let found = card.multiply(&[matrix.on_card().unwrap()], inputs.plain()).unwrap().remove(0);
    assert_eq!(found.len(), expected.len());
    for (place, (found, expected)) in found.iter().zip(expected).enumerate() {
        let (input, row) = (place / rows, place % rows);
        let pairs = weights[row * width..][..width].iter().zip(&plain[input * width..][..width]);
        let size: f32 = pairs.map(|(one, other)| (one * other).abs()).sum();
        assert!((found - expected).abs() < 1e-4 * size, "{kind:?} {width} {count}: {found} {expected} {size}");
    }
}

#[test]
fn every_kind_is_multiplied_as_on_the_processor() {
    for kind in PACKED.into_iter().chain([Kind::F32, Kind::F16, Kind::Bf16]) {
        assert_same(kind, 3, 1, 5);
        assert_same(kind, 2, 9, 6);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn products_are_those_of_the_processor(kind in kinds(), blocks in 1_usize..40, count in 1_usize..20, seed: u64) {
        assert_same(kind, blocks, count, seed);
    }
}
