//! Cuts the endings of English words off, lightly: enough to bring `files`, `filing` and `filed` together.

/// The endings, each before those that it ends with.
const ENDINGS: [&str; 9] = ["ingly", "ings", "ing", "edly", "ied", "ies", "ed", "es", "s"];
/// The last ending, apart because it is looked for after the others.
const ADVERB: &str = "ly";
/// As many letters are left of a word at least.
const SHORTEST: usize = 3;

/// The stem of `word`, which is in lower case. A word that is not plain English letters is left as it is.
pub(super) fn stem(word: &str) -> String {
    if !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return word.to_owned();
    }
    let mut stem = without_ending(word);
    let bytes = stem.as_bytes();
    if stem.len() > 4 && bytes.ends_with(b"e") {
        stem.pop();
    }
    stem
}

fn without_ending(word: &str) -> String {
    for ending in ENDINGS.into_iter().chain([ADVERB]) {
        let Some(rest) = word.strip_suffix(ending).filter(|rest| rest.len() >= SHORTEST) else { continue };
        // `access` and `status` have no plural `s`.
        if ending == "s" && rest.ends_with(['s', 'u']) {
            break;
        }
        return match ending {
            "ied" | "ies" => format!("{rest}y"),
            _ => undoubled(rest).to_owned(),
        };
    }
    word.to_owned()
}

/// `stopp` is `stop`, but `call` stays.
fn undoubled(word: &str) -> &str {
    let bytes = word.as_bytes();
    match bytes {
        [.., before, last] if before == last && !matches!(last, b'l' | b's') => &word[..word.len() - 1],
        _ => word,
    }
}
