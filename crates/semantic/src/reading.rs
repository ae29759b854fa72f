//! A text taken apart into what must be equal and what may be said in other words.

mod moments;
mod normal;

use base::random;

use crate::words::{Role, is_english, joined, role_of, stem};

/// Bytes of a text that is read; of a longer one nothing is said.
pub const LONGEST: usize = 2_000;

/// A SHA-256.
pub type Digest = [u8; 32];

/// What a text asks for, as far as words tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The SHA-256 of the form in which texts are the same.
    digest: Digest,
    /// Whether no part of it is told from the rest to be taken as it is written.
    pub(crate) prose: bool,
    /// What is between quotation marks.
    pub(crate) quoted: Vec<String>,
    /// All but fillers, in order.
    pub(crate) terms: Vec<Term>,
    /// Whether the words are English, so that it is known what they do.
    pub(crate) english: bool,
}

/// A word that says something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Term {
    /// A number, a moment, a day, a month, or a name with signs or digits in it: equal or not, and nothing between.
    Exact(String),
    /// A word whose role is known.
    Known(Role),
    /// Any other word: its stem, and whether it is written like a name.
    Open { stem: String, name: bool },
}

impl Reading {
    /// Reads a text; nothing when it is longer than [`LONGEST`], or empty.
    pub fn of(text: &str) -> Option<Self> {
        if text.len() > LONGEST || text.trim().is_empty() {
            return None;
        }
        let written = text;
        let text =
            text.replace(['\u{2019}', '\u{2018}'], "'").replace(['\u{201c}', '\u{201d}', '\u{ab}', '\u{bb}'], "\"");
        let plain: Vec<_> = words(&text).map(str::to_lowercase).collect();
        let english = in_english(&plain);
        let quoted: Vec<String> = text.split('"').skip(1).step_by(2).map(str::to_owned).collect();
        let mut reader = Reader { terms: Vec::new(), begins: true };
        for raw in moments::spelled(&joined(&text)).split_whitespace() {
            reader.take(raw);
        }
        let digest = random::sha256(normal::of(written).as_bytes());
        Some(Self { digest, prose: normal::is_prose(written), quoted, terms: reader.terms, english })
    }

    /// Whether both are the same, but for white space around them.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.digest == other.digest
    }

    /// Whether other words may ask for the same, as far as is known.
    pub fn may_be_reworded(&self) -> bool {
        self.english
    }

    /// The SHA-256 of the form in which texts are the same.
    pub(crate) fn digest(&self) -> Digest {
        self.digest
    }

    /// About how many bytes it takes.
    pub(crate) fn size(&self) -> usize {
        let term = |term: &Term| match term {
            Term::Exact(word) => word.len(),
            Term::Open { stem, .. } => stem.len(),
            Term::Known(_) => 0,
        };
        let terms: usize = self.terms.iter().map(|one| term(one) + size_of::<Term>()).sum();
        terms + self.quoted.iter().map(|text| text.len() + size_of::<String>()).sum::<usize>()
    }
}

/// Whether there are words that hardly stand in other languages, and one in six at least is known.
fn in_english(plain: &[String]) -> bool {
    let known = plain.iter().filter(|word| role_of(word).is_some()).count();
    known * 6 >= plain.len() && plain.iter().any(|word| is_english(word))
}

/// Runs of letters, digits and what is no sign between words.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| letter.is_whitespace() || ".,;!?()[]{}\"'\u{bf}\u{a1}\u{2026}".contains(letter))
        .filter(|word| !word.is_empty())
}

struct Reader {
    terms: Vec<Term>,
    /// Whether a sentence begins, where a great letter says nothing.
    begins: bool,
}

impl Reader {
    fn take(&mut self, raw: &str) {
        let word = raw.trim_matches(|letter: char| ".,;!?()[]{}\"'\u{bf}\u{a1}\u{2026}".contains(letter));
        if !word.is_empty() {
            if role_of(&word.to_lowercase()).is_some() {
                self.part(word);
            } else if word.starts_with(moments::MARK) || is_identifier(word) {
                self.terms.push(Term::Exact(word.to_owned()));
            } else {
                for part in parts(word) {
                    self.part(part);
                }
            }
            self.begins = false;
        }
        self.begins |= raw.ends_with(['.', '?', '!', ':']);
    }

    fn part(&mut self, part: &str) {
        let small = part.to_lowercase();
        if small.starts_with(|first: char| first.is_ascii_digit()) {
            return self.number(&small);
        }
        if let Some(verb) = small.strip_suffix("n't") {
            self.terms.push(Term::Known(Role::Sign("not")));
            return self.known(verb);
        }
        let (base, _) = small.split_once('\'').unwrap_or((&small, ""));
        let written_small = part.starts_with(char::is_lowercase);
        match role_of(&small).or_else(|| role_of(base)) {
            // `may` and `march` are words, too.
            Some(Role::Month(_)) if written_small && ["may", "march", "mar", "dec"].contains(&base) => {}
            Some(Role::Day(_)) if written_small && ["sun", "sat", "mon", "wed"].contains(&base) => {
                self.open(base, part);
            }
            Some(Role::Month(word) | Role::Day(word) | Role::Number(word)) => {
                self.terms.push(Term::Exact(word.to_owned()));
            }
            Some(Role::Filler) => {}
            Some(role) => self.terms.push(Term::Known(role)),
            None => self.open(base, part),
        }
    }

    fn known(&mut self, word: &str) {
        if let Some(role @ (Role::Tense(_) | Role::Sign(_))) = role_of(word) {
            self.terms.push(Term::Known(role));
        }
    }

    fn open(&mut self, base: &str, part: &str) {
        let great = part.starts_with(char::is_uppercase);
        let shouted = part.chars().count() > 1 && part.chars().all(char::is_uppercase);
        self.terms.push(Term::Open { stem: stem(base), name: (great && !self.begins) || shouted });
    }

    fn number(&mut self, digits: &str) {
        let bare = digits.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
        let ordinal = ["st", "nd", "rd", "th"].contains(&&digits[bare.len()..]);
        let digits = bare;
        // 12,500 is 12500; 1,5 may be one and a half.
        let mut groups = digits.split(',');
        let first = groups.next().unwrap_or_default();
        let thousands = (1..=3).contains(&first.len())
            && groups.all(|group| group.split('.').next().is_some_and(|group| group.len() == 3));
        let digits = if thousands { digits.replace(',', "") } else { digits.to_owned() };
        // Zeros before it are a part of what it names: a post code, an agent.
        self.terms.push(Term::Exact(if ordinal { format!("o{digits}") } else { digits }));
    }
}

/// Whether a word is a name that machines use: letters with digits, or with signs within, or a great letter after a small one.
fn is_identifier(word: &str) -> bool {
    let small = word.to_lowercase();
    let letters: Vec<char> = word.chars().collect();
    // `7-day` and `five-bullet` are two words each, and `25-kilometre` too.
    if let Some((count, thing)) = small.split_once('-')
        && !count.is_empty()
        && count.chars().all(|digit| digit.is_ascii_digit())
        && thing.chars().all(|letter| letter.is_alphabetic() || letter == '-')
    {
        return false;
    }
    let has_letter = letters.iter().any(|letter| letter.is_alphabetic());
    let ordinal = ["st", "nd", "rd", "th"].iter().any(|end| {
        small
            .strip_suffix(end)
            .is_some_and(|digits| !digits.is_empty() && digits.chars().all(|digit| digit.is_ascii_digit()))
    });
    let has_digit = letters.iter().any(char::is_ascii_digit);
    let joined = letters
        .windows(3)
        .any(|three| three[0].is_alphanumeric() && "_/@#\\:.".contains(three[1]) && three[2].is_alphanumeric());
    let humped = letters.windows(2).any(|two| two[0].is_lowercase() && two[1].is_uppercase());
    let marked = letters.first().is_some_and(|first| "-#@/~$".contains(*first)) && letters.len() > 1 && has_letter;
    has_letter && !ordinal && (has_digit || joined || humped) || marked
}

/// The words that stand together in one, such as `blue-green`; signs of units are words.
fn parts(word: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = None;
    for (at, letter) in word.char_indices() {
        let inner = letter.is_alphanumeric() || letter == '\'' || (".,:".contains(letter) && start.is_some());
        match (inner, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                parts.push(&word[from..at]);
                start = None;
            }
            _ => {}
        }
        if "%\u{b0}\u{20ac}$\u{a3}".contains(letter) {
            parts.push(&word[at..at + letter.len_utf8()]);
        }
    }
    parts.extend(start.map(|from| &word[from..]));
    parts
        .into_iter()
        .map(|part| part.trim_matches(|letter| "',.:".contains(letter)))
        .filter(|part| !part.is_empty())
        .collect()
}

#[cfg(test)]
mod tests;
