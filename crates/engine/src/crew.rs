//! Products with matrices, shared out among threads.

use crate::failure::Failure;
use crate::matrix::{Inputs, Matrix};
use base::workers::{Work, Workers};
use std::ops::Range;
use std::sync::Arc;

/// Products smaller than this, in multiplications, are not worth the wait for another thread.
const WORTHWHILE: usize = 200_000;

/// Who multiplies.
pub(crate) struct Crew(Workers);

impl Crew {
    /// As many as work at once, with the thread that asks.
    pub(crate) fn new(threads: usize) -> Result<Self, Failure> {
        Ok(Self(Workers::new("engine", threads.saturating_sub(1))?))
    }

    /// How many work at once.
    pub(crate) fn count(&self) -> usize {
        self.0.count()
    }

    /// All of `work`, each part by whoever is free.
    pub(crate) fn run<T: Send + 'static>(&self, work: Vec<Work<T>>) -> Result<Vec<T>, Failure> {
        Ok(self.0.run(work)?)
    }

    /// The inputs times each of `matrices`: for each matrix, for each input, its outputs.
    pub(crate) fn multiply(&self, matrices: &[&Matrix], inputs: &Arc<Inputs>) -> Result<Vec<Vec<f32>>, Failure> {
        if let Some(on_card) = matrices.iter().map(|matrix| matrix.on_card()).collect::<Option<Vec<_>>>()
            && let [first, ..] = on_card[..]
        {
            match first.card().multiply(&on_card, inputs.plain()) {
                // Others took the rest of its memory meanwhile. The weights are here, too.
                Err(failure) if matches!(failure.kind, cards::FailureKind::Memory) => {}
                made => return Ok(made?),
            }
        }
        let weights: usize = matrices.iter().map(|matrix| matrix.inputs() * matrix.outputs()).sum();
        if self.count() == 1 || weights * inputs.count() < WORTHWHILE {
            return Ok(matrices.iter().map(|matrix| matrix.multiply(0..matrix.outputs(), inputs)).collect());
        }
        let parts = self.count();
        let work = (0..parts).map(|part| {
            let own: Vec<(Matrix, Range<usize>)> =
                matrices.iter().map(|matrix| ((*matrix).clone(), share(matrix.outputs(), part, parts))).collect();
            let inputs = Arc::clone(inputs);
            let multiply = move || own.iter().map(|(matrix, rows)| matrix.multiply(rows.clone(), &inputs)).collect();
            Box::new(multiply) as Work<Vec<Vec<f32>>>
        });
        let parts = self.run(work.collect())?;
        Ok((0..matrices.len()).map(|matrix| joined(&parts, matrix, inputs.count())).collect())
    }
}

/// The part `part` of `parts` of so many rows.
fn share(rows: usize, part: usize, parts: usize) -> Range<usize> {
    rows * part / parts..rows * (part + 1) / parts
}

/// The outputs of one matrix, input by input, from the parts that have them row by row.
fn joined(parts: &[Vec<Vec<f32>>], matrix: usize, inputs: usize) -> Vec<f32> {
    let parts: Vec<&[f32]> = parts.iter().filter_map(|part| part.get(matrix)).map(Vec::as_slice).collect();
    let mut whole = Vec::with_capacity(parts.iter().map(|part| part.len()).sum());
    for input in 0..inputs {
        for part in &parts {
            let width = part.len() / inputs;
            whole.extend_from_slice(&part[input * width..(input + 1) * width]);
        }
    }
    whole
}
