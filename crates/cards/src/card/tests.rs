//! Run where a driver of OpenCL is; `cargo xtask test --only cards` brings one that runs on the processor.

use super::{Card, devices};
use crate::{Device, FailureKind, Kind};
use proptest::prelude::*;
use std::sync::Arc;

fn device() -> Device {
    devices().unwrap().into_iter().next().expect("a device: `cargo xtask test --only cards` brings one")
}

fn card() -> Arc<Card> {
    Arc::new(Card::open(&device()).unwrap())
}

fn bytes(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

#[test]
fn devices_say_what_they_are() {
    let device = device();
    assert!(!device.name.is_empty() && device.memory > 0);
    assert_eq!(card().name(), device.name);
    let other = Device { place: 1_000, ..device };
    assert_eq!(Card::open(&other).unwrap_err().kind, FailureKind::Unavailable);
}

#[test]
fn what_does_not_fit_is_refused() {
    let card = card();
    let sizes = [(16, 2, 127), (16, 2, 129), (15, 2, 120), (0, 2, 0), (17, 1, 68), (16, usize::MAX, 128)];
    for (inputs, outputs, length) in sizes {
        let failure = card.upload(Kind::F32, &vec![0; length], inputs, outputs).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Sizes, "{inputs} {outputs} {length}");
    }
    assert_eq!(card.upload(Kind::Q4K, &[0; 18], 32, 1).unwrap_err().kind, FailureKind::Sizes);
    let matrix = card.upload(Kind::F32, &bytes(&[1.0; 32]), 16, 2).unwrap();
    assert_eq!(card.multiply(&[&matrix], &[0.0; 17]).unwrap_err().kind, FailureKind::Sizes);
    let other = card.upload(Kind::F32, &bytes(&[1.0; 32]), 32, 1).unwrap();
    assert_eq!(card.multiply(&[&matrix, &other], &[0.0; 32]).unwrap_err().kind, FailureKind::Sizes);
    assert_eq!(super::tests::card().multiply(&[&matrix], &[0.0; 16]).unwrap_err().kind, FailureKind::Sizes);
    assert_eq!(card.multiply(&[&matrix], &[]).unwrap(), [Vec::<f32>::new()]);
    assert!(card.multiply(&[], &[]).unwrap().is_empty());
}

#[test]
fn a_card_that_is_full_says_so_and_has_room_again() {
    let mut card = Card::open(&device()).unwrap();
    card.memory = 200;
    let card = Arc::new(card);
    let first = card.upload(Kind::F32, &bytes(&[1.0; 32]), 16, 2).unwrap();
    assert_eq!(card.upload(Kind::F32, &bytes(&[1.0; 32]), 16, 2).unwrap_err().kind, FailureKind::Memory);
    drop(first);
    assert!(card.upload(Kind::F32, &bytes(&[1.0; 32]), 16, 2).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn products_are_those_of_arithmetic(
        groups in 1_usize..90,
        rows in prop::collection::vec(1_usize..7, 1..4),
        count in 1_usize..20,
        seed in any::<u32>(),
    ) {
        let width = groups * 16;
        let mut state = seed | 1;
        let mut numbers = |count: usize| -> Vec<f32> {
            let mut next = || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 23) as f32 - 1.0
            };
            (0..count).map(|_| next()).collect()
        };
        let card = card();
        let weights: Vec<Vec<f32>> = rows.iter().map(|rows| numbers(rows * width)).collect();
        let inputs = numbers(count * width);
        let uploaded: Vec<_> = weights.iter().zip(&rows)
            .map(|(weights, rows)| card.upload(Kind::F32, &bytes(weights), width, *rows).unwrap())
            .collect();
        let found = card.multiply(&uploaded.iter().collect::<Vec<_>>(), &inputs).unwrap();
        for (matrix, weights) in weights.iter().enumerate() {
            prop_assert_eq!(found[matrix].len(), rows[matrix] * count);
            for (place, found) in found[matrix].iter().enumerate() {
                let (input, row) = (place / rows[matrix], place % rows[matrix]);
                let pairs = weights[row * width..][..width].iter().zip(&inputs[input * width..][..width]);
                let sum: f64 = pairs.map(|(one, other)| f64::from(one * other)).sum();
                prop_assert!((f64::from(*found) - sum).abs() < 1e-5 * width as f64, "{} {}", found, sum);
            }
        }
    }
}
