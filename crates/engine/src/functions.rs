//! What a layer computes number by number, written so that a compiler makes vectors of it: no branches, no calls.

use numbers::{exponential, sum};

/// The hyperbolic tangent.
#[inline(always)]
pub(crate) fn tangent(number: f32) -> f32 {
    1.0 - 2.0 / (exponential(2.0 * number.clamp(-20.0, 20.0)) + 1.0)
}

/// Each gate through the sigmoid linear unit, times what it lets through.
#[inline(always)]
pub(crate) fn silu(gates: &mut [f32], through: &[f32]) {
    for (gate, through) in gates.iter_mut().zip(through) {
        *gate = *gate / (1.0 + exponential(-*gate)) * through;
    }
}

/// Each gate through the Gaussian error linear unit, as the hyperbolic tangent comes near it, times what it lets through.
#[inline(always)]
pub(crate) fn gelu(gates: &mut [f32], through: &[f32]) {
    const FACTOR: f32 = 0.797_884_6;
    for (gate, through) in gates.iter_mut().zip(through) {
        let at = FACTOR * *gate * (1.0 + 0.044_715 * *gate * *gate);
        *gate = 0.5 * *gate * (1.0 + tangent(at)) * through;
    }
}

/// Shares that add up to 1 and are in proportion to `e` to the power of `numbers`.
#[inline(always)]
pub(crate) fn softmax(numbers: &mut [f32]) {
    let largest = numbers.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for number in numbers.iter_mut() {
        *number = exponential(*number - largest);
    }
    let whole = 1.0 / sum(numbers, |number| number);
    for number in numbers {
        *number *= whole;
    }
}

/// Brings `row` to a mean square of 1 and multiplies it with `factors` (Zhang and Sennrich, "Root Mean Square Layer
/// Normalization").
#[inline(always)]
pub(crate) fn normalise(row: &mut [f32], factors: &[f32], epsilon: f32) {
    let scale = 1.0 / (sum(row, |number| number * number) / row.len() as f32 + epsilon).sqrt();
    for (number, factor) in row.iter_mut().zip(factors) {
        *number *= scale * factor;
    }
}

/// Keeps numbers within `cap`, softly.
#[inline(always)]
pub(crate) fn bound(numbers: &mut [f32], cap: f32) {
    for number in numbers {
        *number = cap * tangent(*number / cap);
    }
}

#[cfg(test)]
mod tests {
    use super::{bound, gelu, silu, softmax, tangent};

    #[test]
    fn they_agree_with_the_definitions() {
        for number in [-30.0_f32, -5.0, -1.0, -0.01, 0.0, 0.3, 1.0, 4.0, 30.0] {
            assert!((tangent(number) - number.tanh()).abs() < 1e-6, "{number}");
            let (mut gate, mut other, mut bounded) = ([number], [number], [number]);
            silu(&mut gate, &[2.0]);
            assert!((gate[0] - 2.0 * number / (1.0 + (-number).exp())).abs() < 1e-5, "{number}");
            gelu(&mut other, &[1.0]);
            let inner = (2.0 / std::f32::consts::PI).sqrt() * (number + 0.044_715 * number.powi(3));
            assert!((other[0] - 0.5 * number * (1.0 + inner.tanh())).abs() < 1e-5, "{number}");
            bound(&mut bounded, 5.0);
            assert!((bounded[0] - 5.0 * (number / 5.0).tanh()).abs() < 1e-5, "{number}");
        }
        let mut shares: Vec<f32> = (0..33).map(|number| number as f32 / 7.0).collect();
        softmax(&mut shares);
        assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-5 && shares.is_sorted());
    }
}
