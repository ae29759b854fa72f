//! Learning: Adam, as Kingma and Ba describe it (2014), with a warm-up and a rate that falls to nothing.

use crate::batch::Batch;
use crate::lesson::Lesson;
use crate::model::{Gradient, Model};
use crate::prompt;
use crate::random::Random;
use crate::tokenizer::Tokenizer;

/// How many lessons each step learns of, and in how many parts. The parts are added up in their order, so that it does not
/// matter how many of them are worked on at once.
const LESSONS: usize = 64;
const PARTS: usize = 4;
const STEPS: usize = 900;
const WARM_UP: usize = 50;
const PEAK: f32 = 4e-3;
const MOMENTUM: f32 = 0.9;
const SCALING: f32 = 0.98;
/// The longest gradient that is followed as it is.
const LONGEST: f32 = 1.0;
/// The texts that the tokenizer is learned of.
const TEXTS: usize = 6_000;

/// Learns the tokenizer.
pub(crate) fn tokenizer(seed: u64, size: usize) -> Tokenizer {
    let mut random = Random::new(seed);
    let lessons: Vec<Lesson> = (0..TEXTS).map(|_| Lesson::new(&mut random)).collect();
    let texts = lessons.iter().flat_map(|lesson| match lesson {
        Lesson::Sentence(text) => vec![text.as_str()],
        Lesson::Chat(turns) => turns.iter().map(|(_, text)| text.as_str()).collect(),
    });
    Tokenizer::learn(texts, size)
}

/// Learns the numbers of a model; `tell` gets the step and the loss for each token, in nats.
pub(crate) fn numbers(model: &Model, tokenizer: &Tokenizer, seed: u64, mut tell: impl FnMut(usize, f64)) -> Vec<f32> {
    let mut random = Random::new(seed);
    let mut numbers = model.start(&mut random);
    let mut adam = Adam { mean: vec![0.0; numbers.len()], square: vec![0.0; numbers.len()], decay: (1.0, 1.0) };
    for step in 0..STEPS {
        let (gradient, count) = gradient(model, tokenizer, &numbers, &mut random);
        adam.step(&mut numbers, &gradient.numbers, rate(step), count);
        if step % 50 == 49 {
            tell(step + 1, gradient.loss / f64::from(count));
        }
    }
    numbers
}

fn rate(step: usize) -> f32 {
    let rising = (step + 1) as f32 / WARM_UP as f32;
    let falling = (STEPS - step) as f32 / (STEPS - WARM_UP) as f32;
    PEAK * rising.min(falling)
}

/// The gradient of new lessons, and of how many tokens it is.
fn gradient(model: &Model, tokenizer: &Tokenizer, numbers: &[f32], random: &mut Random) -> (Gradient, f32) {
    let mut batches: Vec<Batch> = (0..PARTS).map(|_| Batch::default()).collect();
    for at in 0..LESSONS {
        let mut text = prompt::lesson(tokenizer, &Lesson::new(random));
        text.truncate(model.shape.context);
        batches[at % PARTS].add(&text);
    }
    let parts: Vec<Gradient> = std::thread::scope(|scope| {
        let threads: Vec<_> = batches.iter().map(|batch| scope.spawn(|| model.gradient(numbers, batch))).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
    });
    let mut sum = Gradient { loss: 0.0, numbers: vec![0.0; numbers.len()] };
    for part in parts {
        sum.loss += part.loss;
        sum.numbers.iter_mut().zip(part.numbers).for_each(|(sum, number)| *sum += number);
    }
    (sum, batches.iter().map(|batch| batch.wanted.len()).sum::<usize>() as f32)
}

/// What is remembered of former gradients.
struct Adam {
    mean: Vec<f32>,
    square: Vec<f32>,
    /// What is left of the zeros that both began with.
    decay: (f32, f32),
}

impl Adam {
    /// Follows a gradient, which is the sum over `count` tokens.
    fn step(&mut self, numbers: &mut [f32], gradient: &[f32], rate: f32, count: f32) {
        let length = (crate::matrix::dot(gradient, gradient)).sqrt() / count;
        let scale = (LONGEST / length).min(1.0) / count;
        self.decay = (self.decay.0 * MOMENTUM, self.decay.1 * SCALING);
        let (of_mean, of_square) = (rate / (1.0 - self.decay.0), 1.0 / (1.0 - self.decay.1));
        let memory = self.mean.iter_mut().zip(&mut self.square);
        for ((number, change), (mean, square)) in numbers.iter_mut().zip(gradient).zip(memory) {
            let change = change * scale;
            *mean += (1.0 - MOMENTUM) * (change - *mean);
            *square += (1.0 - SCALING) * (change * change - *square);
            *number -= of_mean * *mean / ((of_square * *square).sqrt() + 1e-9);
        }
    }
}

#[cfg(test)]
mod tests;
