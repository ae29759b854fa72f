use super::*;

const SMALL: Shape =
    Shape { vocabulary: 32, context: 16, width: 32, layers: 2, heads: 4, shared_heads: 2, inner_width: 48 };

fn texts(random: &mut Random) -> Batch {
    let mut batch = Batch::default();
    for length in [5, 9, 2] {
        let text: Vec<_> = (0..length).map(|_| (random.below(SMALL.vocabulary) as u32, random.chance(70))).collect();
        batch.add(&text);
    }
    batch
}

#[test]
fn the_gradient_is_how_the_loss_changes() {
    let (model, mut random) = (Model::new(SMALL), Random::new(7));
    let batch = texts(&mut random);
    let numbers: Vec<f32> =
        model.start(&mut random).into_iter().map(|number| number * 1.5 + 0.1 * random.normal()).collect();
    let gradient = model.gradient(&numbers, &batch);
    for tensor in model.layout.tensors() {
        let step: Vec<f32> = tensor.of(&numbers).iter().map(|_| random.normal() * 4e-3).collect();
        let loss = |times: f32| {
            let mut moved = numbers.clone();
            tensor.of_mut(&mut moved).iter_mut().zip(&step).for_each(|(number, step)| *number += times * step);
            model.gradient(&moved, &batch).loss
        };
        let found = (loss(1.0) - loss(-1.0)) / 2.0;
        let expected = f64::from(dot(tensor.of(&gradient.numbers), &step));
        let size = f64::from(dot(tensor.of(&gradient.numbers), tensor.of(&gradient.numbers)).sqrt()) * 4e-3;
        assert!(size > 0.0, "{} has no influence", tensor.name);
        assert!((found - expected).abs() < 0.02 * size + 1e-5, "{}: {found} and {expected}", tensor.name);
    }
}

#[test]
fn no_token_knows_those_behind_it_nor_other_texts() {
    let (model, mut random) = (Model::new(SMALL), Random::new(3));
    let numbers = model.start(&mut random);
    let (mut one, mut other) = (Batch::default(), Batch::default());
    one.add_question(&[1, 2, 3, 4, 5]);
    for text in [&[9, 9][..], &[1, 2, 3, 7], &[8]] {
        other.add_question(text);
    }
    let (one, other) = (model.forward(&numbers, &one), model.forward(&numbers, &other));
    assert_eq!(one.states()[..3 * SMALL.width], other.states()[2 * SMALL.width..5 * SMALL.width]);
    assert_ne!(one.states()[3 * SMALL.width..4 * SMALL.width], other.states()[5 * SMALL.width..6 * SMALL.width]);
}
