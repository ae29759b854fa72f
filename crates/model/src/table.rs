//! The table of models: lines of text, sorted, in which a model is found without reading the others.
//!
//! The first line is `# litellm <release> <digest>`. Each other is a model: name, provider, task, most tokens in, most tokens
//! out, letters of capabilities, day of deprecation and prices, with a tab between them. Prices are words, in dollars per million
//! tokens: `i` input, `o` output, `r` and `w` cache read and written, `h` written for an hour, `a` and `s` sound in and out, `t`
//! thoughts, `q`, in
//! dollars per call, `g` per picture, `e` per second of sound,
//! `c` per million characters, `n` per search on the web, and `y` per request in which there was one. `>200000` begins the prices for inputs above that, `/flex` those of a service tier.

mod litellm;

use crate::entry::Entry;
use conversation::Fault;
use std::borrow::Cow;

/// The table that the binary holds.
static EMBEDDED: Table = Table { text: Cow::Borrowed(include_str!("../data/table.tsv")) };

/// What is known of models.
#[derive(Debug, Clone)]
pub struct Table {
    text: Cow<'static, str>,
}

impl Table {
    /// The table that the binary holds. Nothing is read before something is looked up.
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// Reads a table in the form of LiteLLM's `model_prices_and_context_window.json`; `release` is what it is called.
    ///
    /// # Errors
    /// The text is larger than 16 MiB, is no JSON object, has more than 20,000 members, or none of use.
    pub fn read(json: &str, release: &str) -> Result<Self, Fault> {
        litellm::table(json, release).map(|text| Self { text: Cow::Owned(text) })
    }

    /// Reads a table as [`Table::as_text`] has it.
    ///
    /// # Errors
    /// It is larger than 16 MiB, a line is none, or they are not in order: a lookup would miss them.
    pub fn of_text(text: String) -> Result<Self, Fault> {
        if text.len() > litellm::LARGEST {
            return Err(Fault::new(format!("has {} bytes: {} are the most", text.len(), litellm::LARGEST)));
        }
        let mut before = "";
        for line in text.lines().skip(1) {
            let name = name_of(line);
            if name <= before || Entry::parse(line).is_none() {
                return Err(Fault::new("is no table of models, or was changed"));
            }
            before = name;
        }
        if !text.starts_with("# ") || before.is_empty() || !text.ends_with('\n') {
            return Err(Fault::new("is no whole table of models"));
        }
        Ok(Self { text: Cow::Owned(text) })
    }

    /// How many models it has, and of how many of these a price.
    pub fn counts(&self) -> (usize, usize) {
        self.entries().fold((0, 0), |(all, priced), entry| (all + 1, priced + usize::from(entry.price.is_some())))
    }

    /// The table as text: what `read` wrote into `crates/model/data/table.tsv`.
    pub fn as_text(&self) -> &str {
        &self.text
    }

    /// Where it is from and what it is, such as `litellm 1.106.2 0123456789abcdef`. Two tables with the same words say the same.
    pub fn version(&self) -> &str {
        self.header().trim_start_matches(['#', ' ']).trim_end()
    }

    /// The line of a model called exactly so in the table.
    pub fn entry(&self, name: &str) -> Option<Entry> {
        let at = self.position(name);
        let line = self.line_at(at);
        (name_of(line) == name && !line.is_empty()).then(|| Entry::parse(line))?
    }

    /// The last of the names that begin with `stem` and go on with what `is_rest` takes.
    pub(crate) fn last(&self, stem: &str, is_rest: impl Fn(&str) -> bool) -> Option<Entry> {
        let from = self.position(stem);
        let lines = self.text.get(from..)?.lines().take_while(|line| line.starts_with(stem));
        let found = lines.filter(|line| name_of(line).strip_prefix(stem).is_some_and(&is_rest)).last()?;
        Entry::parse(found)
    }

    /// All of them, in the order of their names.
    pub fn entries(&self) -> impl Iterator<Item = Entry> {
        self.text.lines().skip(1).filter_map(Entry::parse)
    }

    fn header(&self) -> &str {
        self.text.split_inclusive('\n').next().unwrap_or_default()
    }

    /// Where the first line begins whose name is not before `name`.
    fn position(&self, name: &str) -> usize {
        let (mut low, mut high) = (self.header().len(), self.text.len());
        while low < high {
            let middle = self.line_start(low + (high - low) / 2).max(low);
            let line = self.line_at(middle);
            if name_of(line) < name {
                low = (middle + line.len() + 1).min(high);
            } else {
                high = middle;
            }
        }
        low
    }

    /// Where the line begins in which `at` is.
    fn line_start(&self, at: usize) -> usize {
        let before = self.text.as_bytes().get(..at).unwrap_or_default();
        before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1)
    }

    fn line_at(&self, start: usize) -> &str {
        self.text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default()
    }
}

fn name_of(line: &str) -> &str {
    line.split('\t').next().unwrap_or_default()
}

#[cfg(test)]
mod tests;
