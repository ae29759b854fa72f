//! What in a definition a person should look at before models do: text that nobody sees, orders to models, names of other
//! servers' tools. Definitions are those of tools and whatever else models read of a server, its instructions above all.
//! Pure, and heuristic: what is found may be harmless, and a text without findings harmful.
//! [`floating`] looks at the commands of servers instead.

pub mod floating;
mod folded;
mod hidden;
mod kind;
mod names;
mod place;
mod prose;

pub use kind::Kind;
pub use names::look_alike;

use base::visible::escaped;
use mcp::raw;
use place::Place;
use std::collections::BTreeSet;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// A person should read it; honest servers have such things too.
    Warning,
    /// There is hardly an honest reason for it.
    Error,
}

impl Severity {
    /// One word.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// What is looked for. The order is that of the documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// A message in characters that are not shown, or that turns the direction of writing.
    HiddenText,
    /// What a terminal obeys.
    ControlCharacters,
    /// Single characters without width or shape.
    InvisibleCharacters,
    /// What a terminal obeys, in a value of a schema: honest servers have separators there.
    ControlInValue,
    /// A name in letters of several scripts that look alike.
    MixedLetters,
    /// Words that take back other instructions.
    OverridesInstructions,
    /// Words that keep something from the user.
    ConcealsFromUser,
    /// Marks by which chat templates tell who speaks.
    ChatMarkup,
    /// Words that want to come before other tools.
    OrdersModel,
    /// Files with secrets, or what the user and the model have said.
    AsksForSecrets,
    /// Elements such as `<IMPORTANT>`.
    ImportantMarkup,
    /// A comment that a page does not show.
    HtmlComment,
    /// A long text in base64.
    EncodedText,
    /// Sentences where values or names stand.
    ProseInSchema,
    /// A text that is longer than people read.
    LongText,
    /// A definition that is too large or too deep to be looked at whole.
    TooLarge,
    /// The names of other servers' tools.
    NamesOtherTools,
    /// A name that begins as those of another server do.
    ClaimsOtherServer,
    /// A name that looks like that of another server's tool.
    SimilarName,
}

impl Rule {
    /// Every rule with its word, its severity and what it says.
    pub const ALL: [(Rule, &str, Severity, &str); 19] = [
        (Rule::HiddenText, "hidden-text", Severity::Error, "it has text that people cannot see"),
        (Rule::ControlCharacters, "control-characters", Severity::Error, "it has characters that a terminal obeys"),
        (Rule::InvisibleCharacters, "invisible-characters", Severity::Warning, "it has characters that cannot be seen"),
        (Rule::ControlInValue, "control-in-value", Severity::Warning, "a value has characters that a terminal obeys"),
        (Rule::MixedLetters, "mixed-letters", Severity::Error, "a name mixes letters that look alike"),
        (Rule::OverridesInstructions, "overrides-instructions", Severity::Error, "it takes back other instructions"),
        (Rule::ConcealsFromUser, "conceals-from-user", Severity::Error, "it keeps something from the user"),
        (Rule::ChatMarkup, "chat-markup", Severity::Error, "it has the marks of a chat template"),
        (Rule::OrdersModel, "orders-model", Severity::Warning, "it orders models to use it"),
        (Rule::AsksForSecrets, "asks-for-secrets", Severity::Warning, "it is about secrets or the conversation"),
        (Rule::ImportantMarkup, "important-markup", Severity::Warning, "it has marks that stress something to models"),
        (Rule::HtmlComment, "html-comment", Severity::Warning, "it has a comment that pages do not show"),
        (Rule::EncodedText, "encoded-text", Severity::Warning, "it has a text that people cannot read"),
        (Rule::ProseInSchema, "prose-in-schema", Severity::Warning, "sentences stand where a value or a name does"),
        (Rule::LongText, "long-text", Severity::Warning, "it has a text that is longer than people read"),
        (Rule::TooLarge, "too-large", Severity::Warning, "it is too large to be looked at whole"),
        (Rule::NamesOtherTools, "names-other-tools", Severity::Warning, "it names tools of other servers"),
        (Rule::ClaimsOtherServer, "claims-other-server", Severity::Warning, "its name begins as another server's do"),
        (Rule::SimilarName, "similar-name", Severity::Warning, "its name looks like that of another server's tool"),
    ];

    fn row(self) -> &'static (Rule, &'static str, Severity, &'static str) {
        Self::ALL.iter().find(|(rule, ..)| *rule == self).unwrap_or(&Self::ALL[0])
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        self.row().1
    }

    /// How bad it is.
    pub fn severity(self) -> Severity {
        self.row().2
    }

    /// What it says.
    pub fn about(self) -> &'static str {
        self.row().3
    }

    /// Whether what it finds is kept from the eyes of people.
    pub fn is_hidden(self) -> bool {
        matches!(self, Rule::HiddenText | Rule::ControlCharacters | Rule::MixedLetters)
    }
}

/// Something that was found in a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What the definition is of.
    pub kind: Kind,
    /// The tool, or what else it is, by what its upstream calls it.
    pub tool: String,
    /// What was looked for.
    pub rule: Rule,
    /// Where it stands in the definition: a JSON pointer (RFC 6901). Characters that cannot be seen are shown by their numbers.
    pub place: String,
    /// What stands there, shortened, with what cannot be seen as numbers.
    pub excerpt: String,
}

impl Finding {
    /// The finding in words.
    pub fn warning(&self) -> String {
        let place = if self.place.is_empty() { String::new() } else { format!(" ({})", self.place) };
        format!("{}{place}: {}", self.rule.about(), self.excerpt)
    }
}

/// What becomes of that in whose definition something is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// Nothing is looked for.
    Off,
    /// It is told.
    Warn,
    /// What has text that is hidden from people waits for an approval.
    Hidden,
    /// What has an error waits for an approval.
    Errors,
}

impl Strictness {
    /// Each by its word in the configuration.
    pub const WORDS: [(&str, Strictness); 4] = [
        ("off", Strictness::Off),
        ("warn", Strictness::Warn),
        ("quarantine-hidden", Strictness::Hidden),
        ("quarantine", Strictness::Errors),
    ];

    /// Its word in the configuration.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, strictness)| *strictness == self).map_or("", |(word, _)| word)
    }

    /// Whether what has this finding waits for an approval.
    pub fn holds(self, rule: Rule) -> bool {
        match self {
            Strictness::Off | Strictness::Warn => false,
            Strictness::Hidden => rule.is_hidden(),
            Strictness::Errors => rule.severity() == Severity::Error,
        }
    }
}

/// What was found in one definition by itself, and what of it may be of interest beside other servers' tools.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// What the definition is of.
    pub kind: Kind,
    /// What the upstream calls it.
    pub tool: String,
    /// What was found, by place.
    pub findings: Vec<Finding>,
    /// Words of its descriptions that could be names of tools.
    pub words: Vec<String>,
}

/// The deepest nesting that is looked at.
const DEEPEST: usize = 100;

/// The most bytes of one definition that are looked at: a hundred times what tools have.
const BYTES: usize = 1 << 20;

/// The most findings in one definition, and the most of one rule.
const FINDINGS: usize = 40;
const OF_RULE: usize = 5;

/// The most words of one definition that could be names.
const WORDS: usize = 1000;

/// The most characters of an excerpt or a place.
const SHOWN: usize = 120;

/// Looks at a definition, raw JSON; nothing when there is nothing of interest. `tool` is the name of what it is of.
pub fn look(kind: Kind, tool: &str, json: &str) -> Option<Looked> {
    let mut look = Look { kind, tool, findings: Vec::new(), words: BTreeSet::new(), plain: false };
    if json.len() > BYTES || raw::deeper_than(json, DEEPEST) {
        look.find(Rule::TooLarge, &Place::root(), &format!("{} bytes", json.len()));
    } else {
        // Most definitions are plain text, and then no character hides.
        look.plain = json.bytes().all(|byte| byte.is_ascii() && byte != b'\\');
        look.value(json, &Place::root(), Role::Other);
    }
    let looked =
        Looked { kind, tool: tool.to_owned(), findings: look.findings, words: look.words.into_iter().collect() };
    (!looked.findings.is_empty() || !looked.words.is_empty()).then_some(looked)
}

/// What a text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// People and models read it: a description or a title.
    Prose,
    /// The name of a tool or prompt, or of an argument.
    Name,
    /// A value of a schema: a default, one of a choice.
    Value,
    /// The address of a resource, in which the server writes what it wants.
    Address,
    /// Something else.
    Other,
}

struct Look<'t> {
    kind: Kind,
    tool: &'t str,
    findings: Vec<Finding>,
    words: BTreeSet<String>,
    plain: bool,
}

impl Look<'_> {
    fn find(&mut self, rule: Rule, place: &Place<'_>, excerpt: &str) {
        let of_rule = self.findings.iter().filter(|finding| finding.rule == rule).count();
        if of_rule < OF_RULE && self.findings.len() < FINDINGS {
            let (tool, place) = (self.tool.to_owned(), shown(&place.to_string()));
            self.findings.push(Finding { kind: self.kind, tool, rule, place, excerpt: shown(excerpt) });
        }
    }

    fn value(&mut self, value: &str, place: &Place<'_>, role: Role) {
        match value.as_bytes().first() {
            Some(b'{') => {
                let of_schema = place.is_list_of_arguments();
                for member in raw::members(value) {
                    let Some(key) = raw::text(member.key) else { continue };
                    let place = place.member(&key);
                    // The members of every object but a list of arguments have names that the protocol gives.
                    let name = match role {
                        _ if of_schema => Role::Name,
                        Role::Value => Role::Value,
                        _ => Role::Other,
                    };
                    self.text(&key, &place, name);
                    self.value(member.value, &place, self.role_of(&key, &place, of_schema, role));
                }
            }
            Some(b'[') => {
                for (number, element) in raw::elements(value).enumerate() {
                    self.value(element, &place.element(number), role);
                }
            }
            Some(b'"') => {
                if let Some(text) = raw::text(value) {
                    self.text(&text, place, role);
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str, place: &Place<'_>, role: Role) {
        if !self.plain {
            for (rule, excerpt) in hidden::of(text) {
                let is_value = role == Role::Value && rule == Rule::ControlCharacters;
                self.find(if is_value { Rule::ControlInValue } else { rule }, place, &excerpt);
            }
        }
        if role == Role::Name
            && let Some(excerpt) = names::mixed(text)
        {
            self.find(Rule::MixedLetters, place, &excerpt);
        }
        for (rule, excerpt) in prose::of(text, role) {
            self.find(rule, place, &excerpt);
        }
        if role == Role::Prose {
            let room = WORDS.saturating_sub(self.words.len());
            self.words.extend(names::distinctive(text).take(room).map(str::to_owned));
        }
    }

    fn role_of(&self, key: &str, place: &Place<'_>, of_schema: bool, outer: Role) -> Role {
        match key {
            // An argument may be called `description`.
            _ if of_schema => Role::Other,
            "description" | "title" | "$comment" => Role::Prose,
            "instructions" if self.kind == Kind::Instructions => Role::Prose,
            // What a resource is called is a title.
            "name" if place.is_top() && self.kind.is_called_by_name() => Role::Name,
            "uri" | "uriTemplate" if place.is_top() => Role::Address,
            "enum" | "const" | "default" | "examples" | "example" => Role::Value,
            _ if outer == Role::Value => Role::Value,
            _ => Role::Other,
        }
    }
}

/// A text as it is shown: short, and with what cannot be seen as numbers.
fn shown(text: &str) -> String {
    let mut out = escaped(
        &text.chars().take(SHOWN).map(|character| if character == '\n' { ' ' } else { character }).collect::<String>(),
    );
    if let Some((end, _)) = out.char_indices().nth(2 * SHOWN) {
        out.truncate(end);
        out.push('…');
    } else if text.chars().nth(SHOWN).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests;
