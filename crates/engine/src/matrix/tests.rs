use super::{Inputs, Matrix};
use crate::half::{from_half, to_half};
use crate::sampling::Chance;
use crate::unpack::tests::{PACKED, naive, random_blocks};
use cards::Kind;
use std::sync::Arc;

const ROWS: usize = 5;

#[cfg(feature = "cards")]
mod on_card;

fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut chance = Chance::new(seed);
    (0..count).map(|_| chance.share() * 4.0 - 2.0).collect()
}

/// A matrix of chance, and its numbers.
fn random(kind: Kind, inputs: usize) -> (Matrix, Vec<f32>) {
    let plain = numbers(ROWS * inputs, 3);
    let halves = || plain.iter().map(|number| to_half(*number));
    let (bytes, expected) = match kind {
        Kind::F32 => (plain.iter().flat_map(|number| number.to_le_bytes()).collect(), plain.clone()),
        Kind::F16 => (halves().flat_map(u16::to_le_bytes).collect(), halves().map(from_half).collect()),
        Kind::Bf16 => {
            let short = |number: &f32| (number.to_bits() >> 16) as u16;
            let expected = plain.iter().map(|number| f32::from_bits(number.to_bits() & 0xffff_0000)).collect();
            (plain.iter().flat_map(|number| short(number).to_le_bytes()).collect(), expected)
        }
        _ => {
            let blocks = random_blocks(kind, ROWS * inputs / kind.block(), 4);
            let numbers =
                blocks.chunks(kind.bytes()).flat_map(|block| (0..kind.block()).map(|at| naive(kind, block, at)));
            let numbers = numbers.collect();
            (blocks, numbers)
        }
    };
    // Not at the beginning, to see that it is found.
    let file: Vec<u8> = [vec![1; 7], bytes].concat();
    (Matrix::new(&Arc::new(file), 7, kind, inputs, ROWS).unwrap(), expected)
}

#[test]
fn products_agree_with_naive_ones() {
    for kind in PACKED.into_iter().chain([Kind::F32, Kind::F16, Kind::Bf16]) {
        // One stretch, several, and one that is not whole.
        for inputs in [256, 768, 512 + 64, 96].into_iter().filter(|inputs| inputs % kind.block() == 0) {
            let (matrix, weights) = random(kind, inputs);
            let plain = numbers(3 * inputs, 9);
            let found = matrix.multiply(1..ROWS, &Inputs::new(plain.clone(), inputs));
            for (place, found) in found.iter().enumerate() {
                let (input, row) = (place / (ROWS - 1), place % (ROWS - 1) + 1);
                let pairs = weights[row * inputs..][..inputs].iter().zip(&plain[input * inputs..][..inputs]);
                let sum: f64 = pairs.clone().map(|(one, other)| f64::from(one * other)).sum();
                let size: f64 = pairs.map(|(one, other)| f64::from((one * other).abs())).sum();
                assert!((f64::from(*found) - sum).abs() < 1e-4 * size, "{kind:?} {inputs}: {found} {sum} {size}");
            }
            let mut row = vec![0.0; inputs];
            matrix.unpack_row(2, &mut row);
            let expected = &weights[2 * inputs..3 * inputs];
            assert!(row.iter().zip(expected).all(|(one, other)| (one - other).abs() < 1e-4), "{kind:?}");
            matrix.unpack_row(ROWS, &mut row);
            assert!(row.iter().all(|number| *number == 0.0));
        }
    }
}

#[test]
fn matrices_that_do_not_lie_in_the_file_are_none() {
    let file = Arc::new(vec![0; 100]);
    assert!(Matrix::new(&file, 0, Kind::F32, 5, 5).is_some());
    assert!(Matrix::new(&file, 1, Kind::F32, 5, 5).is_none());
    assert!(Matrix::new(&file, 0, Kind::F32, usize::MAX / 2, 5).is_none());
    assert!(Matrix::new(&file, 0, Kind::F32, 5, usize::MAX / 2).is_none());
    assert!(Matrix::new(&file, 0, Kind::Q8_0, 33, 1).is_none());
    let matrix = Matrix::new(&file, 0, Kind::F32, 5, 5).unwrap();
    assert!(matrix.part(2..5).is_some() && matrix.part(2..6).is_none());
    assert_eq!(matrix.part(2..5).unwrap().outputs(), 3);
}
