//! Which known word a person may have meant.

/// Longer words are not compared: nobody mistypes them, and comparing costs their length squared.
const LONGEST: usize = 64;

/// The candidate that `word` may have been meant to be, where one is near: a letter or two off, another case, `-` for
/// `_`, or cut short.
pub fn nearest<'candidate>(
    word: &str,
    candidates: impl IntoIterator<Item = &'candidate str>,
) -> Option<&'candidate str> {
    if word.len() > LONGEST {
        return None;
    }
    let folded = fold(word);
    let score = |candidate: &'candidate str| {
        let other = fold(candidate);
        let shorter = folded.len().min(other.len());
        let allowed = (shorter.max(3) / 3).max(1);
        let distance = strsim::damerau_levenshtein(&folded, &other);
        let begins = shorter >= 3 && (folded.starts_with(&other) || other.starts_with(&folded));
        (distance <= allowed || begins).then(|| (distance, strsim::jaro_winkler(&folded, &other), candidate))
    };
    let near = candidates.into_iter().filter(|candidate| candidate.len() <= LONGEST).filter_map(score);
    near.min_by(|left, right| left.0.cmp(&right.0).then(right.1.total_cmp(&left.1))).map(|(_, _, candidate)| candidate)
}

fn fold(word: &str) -> String {
    word.chars().filter(|character| !matches!(character, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests;
