//! What was seen of a deployment, and what may be believed of it.

use super::{Arm, Ended, Worth};

/// After how many observations one counts for a bit more than a third.
const MEMORY: f64 = 400.0;
/// How many observations in a class what is known of all classes counts for.
const OTHER_CLASSES: f64 = 6.0;
/// How many observations of a deployment what is known of all deployments, or said of this one, counts for.
const OTHERS: f64 = 1.0;
/// What is believed of the share of answers, and of their score, where nothing at all was seen.
const NOTHING_SEEN: f64 = 0.8;
/// How many observations a spread that was believed before counts for: what was the same twice need not stay so.
const SPREAD_BEFORE: f64 = 4.0;
/// The spread of what is as often 0 as 1.
const WIDEST: f64 = 0.25;
/// Amounts beyond this, in dollars or seconds, count as this much.
const MOST: f64 = 1e6;

/// An average that forgets.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Average {
    weight: f64,
    sum: f64,
    squares: f64,
}

impl Average {
    fn add(&mut self, value: f64) {
        let kept = 1.0 - 1.0 / MEMORY;
        self.weight = self.weight * kept + 1.0;
        self.sum = self.sum * kept + value;
        self.squares = self.squares * kept + value * value;
    }

    fn join(&mut self, other: &Self) {
        self.weight += other.weight;
        self.sum += other.sum;
        self.squares += other.squares;
    }

    fn mean(&self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.sum / self.weight)
    }

    /// The mean where `before` counts for some observations, and how many there are with these.
    fn with(&self, before: f64, counts: f64) -> (f64, f64) {
        let weight = self.weight + counts;
        ((self.sum + before * counts) / weight, weight)
    }

    /// How far values are from their mean, squared. What few values say of that is little: `before` counts for some.
    fn variance(&self, before: f64) -> f64 {
        let mean = self.mean().unwrap_or(0.0);
        let seen = (self.squares - self.weight * mean * mean).max(0.0);
        (seen + before * SPREAD_BEFORE) / (self.weight + SPREAD_BEFORE)
    }

    fn is_sound(&self) -> bool {
        let all = [self.weight, self.sum, self.squares];
        all.iter().all(|number| number.is_finite() && *number >= 0.0) && (self.weight > 0.0 || self.sum == 0.0)
    }
}

/// What was seen of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Evidence {
    answered: Average,
    score: Average,
    dollars: Average,
    seconds: Average,
}

impl Evidence {
    pub(super) fn ended(&mut self, ended: Ended) {
        let amount = |value: f64| if value.is_finite() { value.clamp(0.0, MOST) } else { 0.0 };
        self.answered.add(if ended.answered { 1.0 } else { 0.0 });
        self.dollars.add(amount(ended.dollars));
        self.seconds.add(amount(ended.seconds));
    }

    pub(super) fn scored(&mut self, score: f64) {
        if score.is_finite() {
            self.score.add(score.clamp(0.0, 1.0));
        }
    }

    /// Of several deployments, as if they were one.
    pub(super) fn together<'a>(all: impl Iterator<Item = &'a Self>) -> Self {
        all.fold(Self::default(), |mut sum, one| {
            sum.answered.join(&one.answered);
            sum.score.join(&one.score);
            sum.dollars.join(&one.dollars);
            sum.seconds.join(&one.seconds);
            sum
        })
    }

    pub(super) fn numbers(&self) -> [f64; 12] {
        let [a, s, d, t] = [self.answered, self.score, self.dollars, self.seconds];
        let of = |average: Average| [average.weight, average.sum, average.squares];
        let ([a, b, c], [d, e, f], [g, h, i], [j, k, l]) = (of(a), of(s), of(d), of(t));
        [a, b, c, d, e, f, g, h, i, j, k, l]
    }

    /// Those of [`Evidence::numbers`]; nothing for others.
    pub(super) fn of([a, b, c, d, e, f, g, h, i, j, k, l]: [f64; 12]) -> Option<Self> {
        let average = |weight, sum, squares| Average { weight, sum, squares };
        let evidence = Self {
            answered: average(a, b, c),
            score: average(d, e, f),
            dollars: average(g, h, i),
            seconds: average(j, k, l),
        };
        let all = [evidence.answered, evidence.score, evidence.dollars, evidence.seconds];
        all.iter().all(Average::is_sound).then_some(evidence)
    }
}

/// What a deployment may be worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Belief {
    pub(super) mean: f64,
    deviation: f64,
}

impl Belief {
    /// A worth that it may have, drawn from a normal distribution (Box and Muller).
    pub(super) fn draw(&self, dice: &mut dyn FnMut() -> f64) -> f64 {
        let (one, other) = (dice().clamp(0.0, 1.0), dice().clamp(0.0, 1.0));
        let radius = (-2.0 * (1.0 - one).max(f64::MIN_POSITIVE).ln()).sqrt();
        self.mean + self.deviation * radius * (std::f64::consts::TAU * other).cos()
    }
}

/// What is believed of `arm`, from what is known of all deployments (`usual`), of this one (`overall`), and of this one in
/// the class of the request (`here`).
pub(super) fn believe(
    worth: &Worth,
    arm: &Arm<'_>,
    usual: &Evidence,
    overall: Option<&Evidence>,
    here: Option<&Evidence>,
) -> Belief {
    let nothing = Evidence::default();
    let (overall, here) = (overall.unwrap_or(&nothing), here.unwrap_or(&nothing));
    let part = |of: fn(&Evidence) -> &Average, before: Option<f64>, otherwise: f64, spread: Option<f64>| {
        let (usual, overall, here) = (of(usual), of(overall), of(here));
        let before = before.or_else(|| usual.mean()).unwrap_or(otherwise);
        let (before, known) = overall.with(before, OTHERS);
        // The class is a part of the whole: what was seen in it counts once more, and what was seen elsewhere as a few.
        let (mean, weight) = here.with(before, OTHER_CLASSES.min(known));
        // An amount is believed to be as far from its mean as this is from nothing.
        (mean, overall.variance(spread.unwrap_or(mean * mean)) / weight)
    };
    let (answered, answers) = part(|all| &all.answered, None, NOTHING_SEEN, Some(WIDEST));
    let (score, scores) = part(|all| &all.score, None, NOTHING_SEEN, Some(WIDEST));
    let (dollars, costs) = part(|all| &all.dollars, arm.dollars, 0.0, None);
    let (seconds, times) = part(|all| &all.seconds, arm.seconds, 0.0, None);
    let mean = answered * score - worth.per_dollar * dollars - worth.per_second * seconds;
    let variances = [
        score.powi(2) * answers,
        answered.powi(2) * scores,
        worth.per_dollar.powi(2) * costs,
        worth.per_second.powi(2) * times,
    ];
    Belief { mean, deviation: variances.iter().sum::<f64>().sqrt() }
}
