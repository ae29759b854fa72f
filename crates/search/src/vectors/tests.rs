use super::Vectors;
use crate::vector::Vector;

/// Numbers from -1 to 1 that look like chance, the same each time.
fn chance(seed: u64) -> impl Iterator<Item = f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    })
}

/// Vectors in clusters, as those of texts about some subjects are.
fn clustered(count: u64) -> Vec<Vector> {
    let one = |seed: u64| -> Vec<f32> {
        let middle = chance(seed % 50 + 1_000_000);
        middle.zip(chance(seed + 1)).take(384).map(|(middle, own)| middle + own).collect()
    };
    (0..count).map(|seed| Vector::new(&one(seed))).collect()
}

/// The places that are marked.
fn near(vectors: &Vectors, question: &Vector, count: usize) -> Vec<usize> {
    let mut marks = vec![false; vectors.scales.len()];
    vectors.mark_near(question, count, |_| true, &mut marks);
    marks.iter().enumerate().filter(|(_, mark)| **mark).map(|(place, _)| place).collect()
}

#[test]
fn documents_without_a_fitting_vector_are_passed_over() {
    let (short, long) = (Vector::new(&[1.0]), Vector::new(&[1.0, 1.0]));
    let all = Vectors::new([None, Some(&long), Some(&short), Some(&long)].into_iter());
    assert_eq!(near(&all, &long, 1), [1, 3]);
    assert!(near(&all, &short, 1).is_empty());
    let likeness = all.likeness(&long, &[0, 1, 2]);
    assert!((likeness[1].unwrap() - 1.0).abs() < 1e-3 && likeness[0].is_none() && likeness[2].is_none());
    assert_eq!(all.likeness(&short, &[1]), [None]);
}

#[test]
fn the_sketch_finds_nearly_all_that_a_full_look_finds() {
    let vectors = clustered(6_000);
    let sketched = Vectors::with_sketch_beyond(1_000, vectors.iter().map(Some));
    let (mut found, mut looked_at) = (0, 0);
    for question in vectors.iter().step_by(300) {
        let mut best: Vec<_> = vectors.iter().map(|vector| vector.likeness(question)).enumerate().collect();
        best.sort_by(|left, right| right.1.total_cmp(&left.1));
        let near = near(&sketched, question, 10);
        looked_at += near.len();
        found += best[..10].iter().filter(|(place, _)| near.contains(place)).count();
    }
    assert!(found >= 195, "{found} of 200");
    assert!(looked_at < 20 * 1_200, "{looked_at}");
    let mean = vectors.iter().map(|vector| vector.likeness(&vectors[0])).sum::<f32>() / 6_000.0;
    assert!((sketched.usual_likeness(Some(&vectors[0]), std::iter::empty()) - mean).abs() < 0.01);
}
