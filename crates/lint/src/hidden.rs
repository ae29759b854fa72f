//! Characters that nobody sees.

use super::Rule;
use base::visible::is_deceptive;

/// So many characters without width in one text are no accident: they can hold a letter.
const MANY: usize = 8;

/// How many characters around one are shown.
const AROUND: usize = 20;

/// What hides in a text: each rule once, with what stands around the first place.
pub(super) fn of(text: &str) -> Vec<(Rule, String)> {
    if text.is_ascii() && !text.bytes().any(|byte| byte.is_ascii_control()) {
        return Vec::new();
    }
    let all: Vec<char> = text.chars().collect();
    let mut found: Vec<(Rule, usize)> = Vec::new();
    let mut invisible = 0;
    for place in 0..all.len() {
        let Some(rule) = rule_of(&all, place) else { continue };
        invisible += usize::from(rule == Rule::InvisibleCharacters);
        let rule = if rule == Rule::InvisibleCharacters && invisible >= MANY { Rule::HiddenText } else { rule };
        if !found.iter().any(|(known, _)| *known == rule) {
            found.push((rule, place));
        }
    }
    // Many of a kind say all that a few of the kind would.
    if found.iter().any(|(rule, _)| *rule == Rule::HiddenText) {
        found.retain(|(rule, _)| *rule != Rule::InvisibleCharacters);
    }
    let around = |place: usize| all[place.saturating_sub(AROUND)..(place + AROUND).min(all.len())].iter().collect();
    found.into_iter().map(|(rule, place)| (rule, around(place))).collect()
}

fn rule_of(all: &[char], place: usize) -> Option<Rule> {
    let at = |place: Option<usize>| place.and_then(|place| all.get(place)).copied();
    let (before, after) = (at(place.checked_sub(1)), at(Some(place + 1)));
    match all[place] {
        '\n' | '\r' | '\t' => None,
        character if character.is_control() => Some(Rule::ControlCharacters),
        // Flags of regions are a black flag and tags, with an end.
        '\u{e0020}'..='\u{e007f}' => (!in_flag(all, place)).then_some(Rule::HiddenText),
        // What turns the direction of writing. Marks that only tell a direction are common in some scripts.
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => Some(Rule::HiddenText),
        // One of these chooses a shape; several in a row carry a message.
        '\u{fe00}'..='\u{fe0f}' => before.is_some_and(is_selector).then_some(Rule::HiddenText),
        '\u{e0100}'..='\u{e01ef}' => {
            let chooses =
                before.is_some_and(|before| !before.is_ascii() && !is_selector(before) && !is_deceptive(before));
            (!chooses).then_some(Rule::HiddenText)
        }
        // Between other letters or signs these join or part them, as some scripts and emoji want it.
        '\u{200c}' | '\u{200d}' => {
            let joined = |other: Option<char>| other.is_some_and(|other| !other.is_ascii() && !is_deceptive(other));
            (!(joined(before) && joined(after))).then_some(Rule::InvisibleCharacters)
        }
        // These tell a direction or a place to break a word, and stand in texts of some languages.
        character if is_deceptive(character) => Some(Rule::InvisibleCharacters),
        _ => None,
    }
}

fn is_selector(character: char) -> bool {
    matches!(character, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Whether the tag at `place` belongs to the flag of a region: at most six letters or digits, and an end (Unicode TR 51).
fn in_flag(all: &[char], place: usize) -> bool {
    let is_letter = |character: char| matches!(character, '\u{e0030}'..='\u{e0039}' | '\u{e0061}'..='\u{e007a}');
    let start = (0..place).rev().take(7).find(|place| !is_letter(all[*place]));
    let Some(start) = start.filter(|start| all[*start] == '\u{1f3f4}') else { return false };
    let letters = all[start + 1..].iter().take(7).take_while(|character| is_letter(**character)).count();
    (1..=6).contains(&letters) && all.get(start + 1 + letters) == Some(&'\u{e007f}') && place <= start + 1 + letters
}
