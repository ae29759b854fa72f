//! Texts that speak to models, or that are not meant to be read by people.

use super::folded::fold;
use super::{Role, Rule};
use regex::{Regex, RegexSet};
use std::sync::LazyLock;

/// More characters than this nobody reads; clients cut descriptions at half of it.
const LONG: usize = 4096;

/// More words than this are sentences, where a value stands.
const SENTENCE: usize = 20;

/// A name of an argument that is longer is none.
const LONG_NAME: usize = 64;

/// So many characters of base64 in a row hold a sentence.
const ENCODED: usize = 80;

/// How many characters before a match are shown with it.
const BEFORE: usize = 20;

/// What is looked for in folded text, in lower case. `§` stands for the end of a word.
const PATTERNS: [(Rule, &str); 17] = [
    (
        Rule::OverridesInstructions,
        r"§(ignor(e|ing)|disregard(ing)?|forget(ting)?|overrid(e|ing)) ((all|any|every|the|your|my|of|these|those|and|or|both|other) ){0,4}(previous|prior|above|earlier|preceding|existing|system|original|former)( [a-z]+)? (instruction|prompt|rule|directive|guideline|command|policy|policies|restriction|constraint)",
    ),
    (
        Rule::OverridesInstructions,
        r"§(ignore|disregard|forget) (everything|all that|anything|what) (you|above|before|that was)",
    ),
    (
        Rule::ConcealsFromUser,
        r"§(do not|don't|don’t|never|must not|should not|without) ((ever|also|even|directly|explicitly) )?(tell|telling|mention|mentioning|reveal|revealing|inform|informing|notify|notifying|disclose|disclosing|alert|alerting|say|let)( [a-z]+){0,6} (user|human|person|anyone|anybody)§",
    ),
    (
        Rule::ConcealsFromUser,
        r"§(hide|conceal|keep)( [a-z]+){0,4} (secret|hidden|away)? ?from (the |a |your )?(user|human|person)",
    ),
    (
        Rule::ConcealsFromUser,
        r"§user (must|should|may|need|does)( not|n't) (know|see|notice|be (told|informed|aware|notified))",
    ),
    (
        Rule::ChatMarkup,
        r"<\|(im_start|im_end|system|user|assistant|endoftext|start_header_id|eot_id)\|>|\[/?inst\]|<</?sys>>",
    ),
    (
        Rule::OrdersModel,
        r"§(before|prior to|instead of|rather than|whenever|every time|each time)( you)? (us(e|ing)|call(ing)?|invok(e|ing)|run(ning)?|execut(e|ing)) (any|all|every|each|other|another)( of)?( the)?( other)? (tool|function|server)",
    ),
    (
        Rule::OrdersModel,
        r"§(always|must|only)( [a-z]+)? (use|call|invoke|run|execute) (this|it)( tool| function)? (first|before|instead|prior)",
    ),
    (
        Rule::OrdersModel,
        r"§(must|has to|needs to|should always) be (called|used|invoked|run|executed) (first|before|prior|with every|on every|after every)",
    ),
    (
        Rule::OrdersModel,
        r"§(you must|you have to|you should always|always|be sure to|make sure to) (first |also |then )?(call|use|invoke|run|read|send|pass|include|forward|copy)§",
    ),
    (
        Rule::AsksForSecrets,
        r"(~|/home/[a-z]+|/root|\$home)/\.(ssh|aws|gnupg|kube|netrc|git-credentials|docker/config|npmrc|pypirc|cursor|claude|bash_history|zsh_history)|id_(rsa|ed25519|ecdsa)§|/etc/(passwd|shadow)|\.cursor/mcp\.json|claude_desktop_config|§wallet\.dat|§authorized_keys",
    ),
    (
        Rule::AsksForSecrets,
        r"§(include|pass|send|provide|put|copy|attach|insert|forward|append|add|give|read|return|contain|contains|with|share)( [a-z']+){0,6} (system prompt|system message|(conversation|chat|message) history|(whole|entire|full|complete|previous|all) (conversation|chat|dialog|messages)|environment variables|private keys?|user's (password|credentials|secrets|tokens))",
    ),
    (
        Rule::ImportantMarkup,
        r"</?(important|critical|mandatory|secret|hidden|instructions?|system|admin|override|priority|urgent|attention)( [^>]{0,80})?>",
    ),
    (
        Rule::ImportantMarkup,
        r"\[(important|critical|system|admin|hidden|secret)( [a-z ]{0,40})?(instruction|message|note|prompt|override)[a-z]*\]",
    ),
    (Rule::HtmlComment, r"<!--"),
    (Rule::OverridesInstructions, r"§(new|updated|real|actual|true) (system )?(instructions|prompt) ?:"),
    (Rule::OverridesInstructions, r"§you are (now|no longer) (a|an|in|the|bound|restricted|limited)§"),
];

struct Patterns {
    set: RegexSet,
    each: Vec<Regex>,
}

/// Nothing where a pattern is none, which a test finds.
static COMPILED: LazyLock<Option<Patterns>> = LazyLock::new(|| {
    let written: Vec<String> = PATTERNS.iter().map(|(_, pattern)| pattern.replace('§', r"(?-u:\b)")).collect();
    let each = written.iter().map(|pattern| Regex::new(pattern)).collect::<Result<_, _>>().ok()?;
    Some(Patterns { set: RegexSet::new(&written).ok()?, each })
});

/// What is found in a text, each rule once.
pub(super) fn of(text: &str, role: Role) -> Vec<(Rule, String)> {
    let mut found = Vec::new();
    let mut find = |rule: Rule, excerpt: String| {
        if !found.iter().any(|(known, _)| *known == rule) {
            found.push((rule, excerpt));
        }
    };
    if role == Role::Prose && text.chars().nth(LONG).is_some() {
        find(Rule::LongText, format!("{} characters: {}", text.chars().count(), text.trim()));
    }
    if is_prose(text, role) {
        find(Rule::ProseInSchema, text.to_owned());
    }
    if role != Role::Address
        && let Some(run) = encoded(text)
    {
        find(Rule::EncodedText, run.to_owned());
    }
    // Nothing that is looked for is shorter.
    if text.len() >= 4
        && let Some(patterns) = COMPILED.as_ref()
    {
        let folded = fold(text);
        for index in patterns.set.matches(&folded) {
            if let Some(place) = patterns.each[index].find(&folded) {
                let start = folded[..place.start()]
                    .char_indices()
                    .rev()
                    .take(BEFORE)
                    .last()
                    .map_or(place.start(), |(at, _)| at);
                find(PATTERNS[index].0, folded[start..].to_owned());
            }
        }
    }
    found
}

/// Whether sentences stand where a value or a name does.
fn is_prose(text: &str, role: Role) -> bool {
    match role {
        Role::Name => text.chars().nth(LONG_NAME).is_some() || text.split_whitespace().count() > SENTENCE / 2,
        Role::Value => text.split_whitespace().nth(SENTENCE).is_some(),
        Role::Prose | Role::Address | Role::Other => false,
    }
}

/// The first long run of base64. Words, paths and numbers have not all of large and small letters and digits in a row.
fn encoded(text: &str) -> Option<&str> {
    let is_of_it = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_');
    let runs = text.split(|character: char| !u8::try_from(character).is_ok_and(is_of_it));
    runs.into_iter().filter(|run| run.len() >= ENCODED).find(|run| {
        let has = |of: fn(&u8) -> bool| run.bytes().filter(of).count() * 20 >= run.len();
        has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit)
    })
}

#[cfg(test)]
mod tests;
