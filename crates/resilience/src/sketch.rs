//! How long calls take: counts in steps of a quarter of an octave, from which any quantile is read to within a quarter.
//!
//! Old observations weigh less: when the sketch is full, all counts are halved. So it follows a server whose normal
//! changes, and its size never does.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Steps from 1 µs to 71 minutes.
const STEPS: usize = 128;

/// How many observations fill it.
const FULL: u32 = 2048;

/// A sketch of durations.
#[derive(Debug, Clone)]
pub struct Sketch {
    counts: Box<[u32; STEPS]>,
    total: u32,
}

/// A sketch as it is kept: the steps that hold something.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Kept(Vec<(u8, u32)>);

impl Default for Sketch {
    fn default() -> Self {
        Self { counts: Box::new([0; STEPS]), total: 0 }
    }
}

impl Sketch {
    /// Takes an observation.
    pub fn add(&mut self, duration: Duration) {
        if self.total >= FULL {
            self.counts.iter_mut().for_each(|count| *count /= 2);
            self.total = self.counts.iter().sum();
        }
        self.counts[step_of(duration)] += 1;
        self.total += 1;
    }

    /// How many observations it holds.
    pub fn total(&self) -> u32 {
        self.total
    }

    /// The duration that the share `quantile` of all observations do not exceed; nothing when there are none.
    pub fn quantile(&self, quantile: f64) -> Option<Duration> {
        let wanted = (f64::from(self.total) * quantile.clamp(0.0, 1.0)).ceil().max(1.0);
        let mut seen = 0;
        let place = self.counts.iter().position(|count| {
            seen += count;
            f64::from(seen) >= wanted
        });
        place.map(end_of)
    }

    /// What is to be kept.
    pub fn keep(&self) -> Kept {
        let held = self.counts.iter().enumerate().filter(|(_, count)| **count > 0);
        Kept(held.filter_map(|(step, count)| Some((u8::try_from(step).ok()?, *count))).collect())
    }

    /// The sketch that was kept. Counts that no sketch can have are cut down.
    pub fn restore(kept: &Kept) -> Self {
        let mut sketch = Self::default();
        for (step, count) in &kept.0 {
            if let Some(place) = sketch.counts.get_mut(usize::from(*step)) {
                let room = FULL.saturating_sub(sketch.total);
                let added = (*count).min(room);
                *place += added;
                sketch.total += added;
            }
        }
        sketch
    }
}

/// The step that a duration falls into: four to an octave, told apart by the two bits behind the highest.
fn step_of(duration: Duration) -> usize {
    let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX).max(1);
    let octave = micros.ilog2() as usize;
    let quarter = if octave >= 2 { (micros >> (octave - 2)) & 3 } else { (micros << (2 - octave)) & 3 };
    (octave * 4 + quarter as usize).min(STEPS - 1)
}

/// The longest duration of a step.
fn end_of(step: usize) -> Duration {
    let (octave, quarter) = (step / 4, (step % 4) as u64);
    Duration::from_micros(((5 + quarter) << octave) / 4)
}

#[cfg(test)]
mod tests;
