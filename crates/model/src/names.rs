//! Which line of the table a model is, by what its provider calls it.
//!
//! A name is looked up as it is, and in the few forms that are known to mean the same model. It is never cut short otherwise:
//! `gpt-5` is not `gpt-5-mini`, and a wrong price is worse than none.

use crate::entry::Entry;
use crate::table::Table;

/// What Bedrock puts before the name of a model that several regions serve together.
const GEOGRAPHIES: [&str; 12] = ["us", "eu", "apac", "jp", "au", "ca", "sa", "me", "af", "in", "us-gov", "global"];
/// The kinds that may stand before a name, as aggregators write them: `openai/gpt-5`.
const PASSED_ON: [&str; 4] = ["openai", "anthropic", "gemini", "bedrock"];

/// What the table calls the providers at these hosts.
const HOSTS: [(&str, &str); 22] = [
    ("api.openai.com", "openai"),
    ("api.anthropic.com", "anthropic"),
    ("generativelanguage.googleapis.com", "gemini"),
    ("api.mistral.ai", "mistral"),
    ("api.groq.com", "groq"),
    ("api.deepseek.com", "deepseek"),
    ("api.x.ai", "xai"),
    ("api.together.xyz", "together_ai"),
    ("api.together.ai", "together_ai"),
    ("api.fireworks.ai", "fireworks_ai"),
    ("openrouter.ai", "openrouter"),
    ("api.cohere.com", "cohere"),
    ("api.cohere.ai", "cohere"),
    ("api.perplexity.ai", "perplexity"),
    ("api.cerebras.ai", "cerebras"),
    ("api.deepinfra.com", "deepinfra"),
    ("api.moonshot.ai", "moonshot"),
    ("api.sambanova.ai", "sambanova"),
    ("api.voyageai.com", "voyage"),
    ("api.z.ai", "zai"),
    ("ai-gateway.vercel.sh", "vercel_ai_gateway"),
    ("integrate.api.nvidia.com", "nvidia_nim"),
];

/// The kind to ask [`find`] for, of a provider at this host that speaks like another: `api.groq.com` is `groq`.
pub fn provider_at(host: &str) -> Option<&'static str> {
    HOSTS.iter().find(|(known, _)| known.eq_ignore_ascii_case(host)).map(|(_, provider)| *provider)
}

/// [`Table::find`] in the table that the binary holds.
pub fn find(kind: &str, model: &str) -> Option<Entry> {
    Table::embedded().find(kind, model)
}

impl Table {
    /// What is known of `model`, called so at a provider of this kind: `openai`, `anthropic`, `gemini`, `bedrock`, `ollama`,
    /// `openai-compatible`, or one of the table's own providers (`groq`, `azure`; see [`provider_at`]).
    ///
    /// The same model are also: a name with a date at its end that the table has without one; a name without, or with `-latest`,
    /// of which the table has dated ones, the last of these; for Gemini a name after `models/`; for OpenAI a tuned model
    /// (`ft:gpt-4.1-2025-04-14:team::id`), which has the prices of tuned ones; for Ollama a name with `:latest`; for Bedrock an
    /// ARN, and a name with a geography before it. A server that speaks like OpenAI may be anyone's: there a name must say
    /// whose it is, as the table has it (`groq/…`) or as aggregators do (`anthropic/…`).
    pub fn find(&self, kind: &str, model: &str) -> Option<Entry> {
        match kind {
            "openai-compatible" => self.anybody(model),
            "bedrock" => self.bedrock(model),
            "openai" => self.openai(model),
            "gemini" => self.dated(kind, model.strip_prefix("models/").unwrap_or(model)),
            "ollama" => self.exact(kind, model.strip_suffix(":latest").unwrap_or(model)),
            _ => self.dated(kind, model),
        }
    }

    fn anybody(&self, model: &str) -> Option<Entry> {
        let (first, rest) = model.split_once('/')?;
        if PASSED_ON.contains(&first) { self.find(first, rest) } else { self.entry(model) }
    }

    fn openai(&self, model: &str) -> Option<Entry> {
        let Some(tuned) = model.strip_prefix("ft:") else { return self.dated("openai", model) };
        let base = tuned.split(':').next().unwrap_or(tuned);
        self.exact("openai", &format!("ft:{base}"))
    }

    fn bedrock(&self, model: &str) -> Option<Entry> {
        // `arn:aws:bedrock:<region>:<account>:foundation-model/<name>`, or `inference-profile/` with a geography. Those of an
        // operator's own profiles and imported models say nothing of the model.
        let mut region = None;
        let name = if model.starts_with("arn:") {
            region = model.split(':').nth(3);
            let (_, resource) =
                model.split_once(":foundation-model/").or_else(|| model.split_once(":inference-profile/"))?;
            resource
        } else {
            model
        };
        let in_region = region.and_then(|region| self.exact("bedrock", &format!("{region}/{name}")));
        in_region.or_else(|| self.exact("bedrock", name)).or_else(|| self.any_geography(name))
    }

    /// The model of a geography that the table lacks. Its price is known only where no other geography has another.
    fn any_geography(&self, name: &str) -> Option<Entry> {
        let (geography, base) = name.split_once('.')?;
        let mut found = GEOGRAPHIES.contains(&geography).then(|| self.exact("bedrock", base))??;
        let mut others =
            GEOGRAPHIES.iter().filter_map(|geography| self.exact("bedrock", &format!("{geography}.{base}")));
        if !others.all(|other| other.price == found.price) {
            (found.price, found.service_prices) = (None, Vec::new());
        }
        Some(found)
    }

    /// A name as it is, or with another date or none.
    fn dated(&self, kind: &str, name: &str) -> Option<Entry> {
        let undated = without_date(name).or_else(|| name.strip_suffix("-latest"));
        let exact = self.exact(kind, name).or_else(|| self.exact(kind, undated?));
        // One date does not stand for another: only what has none is the last.
        let stem = name.strip_suffix("-latest").unwrap_or(name);
        exact.or_else(|| without_date(name).is_none().then(|| self.last_dated(kind, stem))?)
    }

    fn exact(&self, kind: &str, name: &str) -> Option<Entry> {
        let own = || self.entry(name).filter(|entry| is_of(kind, &entry.provider));
        self.entry(&format!("{kind}/{name}")).or_else(own)
    }

    fn last_dated(&self, kind: &str, name: &str) -> Option<Entry> {
        let is_date = |rest: &str| date_length(rest.as_bytes()) == Some(rest.len());
        let own = || self.last(&format!("{name}-"), is_date).filter(|entry| is_of(kind, &entry.provider));
        self.last(&format!("{kind}/{name}-"), is_date).or_else(own)
    }
}

/// Whether a model of this provider, of which the table has the bare name, is of this kind.
fn is_of(kind: &str, provider: &str) -> bool {
    let also = match kind {
        "openai" => "text-completion-openai",
        "bedrock" => "bedrock_converse",
        "cohere" => "cohere_chat",
        _ => kind,
    };
    provider == kind || provider == also
}

/// A name without the date at its end: `-20250929` or `-2025-08-07`.
fn without_date(name: &str) -> Option<&str> {
    [9, 11].into_iter().find_map(|length| {
        let (stem, end) = name.split_at_checked(name.len().checked_sub(length)?)?;
        let date = end.strip_prefix('-')?;
        (!stem.is_empty() && date_length(date.as_bytes()) == Some(date.len())).then_some(stem)
    })
}

/// The length of a date of this century, if there is nothing but one.
fn date_length(text: &[u8]) -> Option<usize> {
    let form: &[u8] = if text.len() == 8 { b"20dddddd" } else { b"20dd-dd-dd" };
    let fits = |(byte, form): (&u8, &u8)| if *form == b'd' { byte.is_ascii_digit() } else { byte == form };
    (text.len() == form.len() && text.iter().zip(form).all(fits)).then_some(text.len())
}

#[cfg(test)]
mod tests;
