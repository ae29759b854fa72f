//! Models of files that this program runs itself.

use super::{Kind, Provider, Settings, Timeouts, money, timeouts};
use base::Code;
use base::config::Section;
use base::ports::LocalRunning;
use openapi::Address;
use std::time::Duration;

/// The name of the provider that is there also where it is not configured.
const NAME: &str = "builtin";

/// How large an answer may be: more than any context holds.
const ANSWER: usize = 64 << 20;

impl Settings {
    /// Has the models `names` served by this program, besides what is configured of it.
    pub fn serve_files(&mut self, names: &[String]) {
        let provider = self.providers.entry(NAME.to_owned()).or_insert_with(|| provider(LocalRunning::default()));
        if provider.kind == Kind::Builtin {
            let more: Vec<String> = names.iter().filter(|name| !provider.models.contains(name)).cloned().collect();
            provider.models.extend(more);
        }
    }
}

/// Reads the entry of a provider. It has no address and no credentials.
pub(super) fn read(mut section: Section<'_>, name: &str) -> Provider {
    let usual = LocalRunning::default();
    if name.contains('/') || name.is_empty() {
        let next = "clients ask for `provider/model`, so the name of a provider has no slash".to_owned();
        section.problem("", Code::ConfigNameInvalid, format!("`{name}` cannot be the name of a provider"), next);
    }
    let threads = section.integer("threads", 1..=1_024).and_then(|threads| usize::try_from(threads).ok());
    let context = section.integer("context", 16..=1 << 24).and_then(|tokens| usize::try_from(tokens).ok());
    let idle = section.duration("idle", Duration::from_millis(100)..=Duration::from_secs(30 * 86_400));
    let running = LocalRunning {
        memory: section.size("memory", 1 << 20..=1 << 50).unwrap_or(usual.memory),
        threads,
        idle: idle.unwrap_or(usual.idle),
        context: context.unwrap_or(usual.context),
    };
    let models = section.texts("models").unwrap_or_default();
    let timeouts = timeouts(&mut section);
    let budget = money::budget(&mut section, format!("provider:{name}"));
    section.finish();
    Provider { models, timeouts, budget, ..provider(running) }
}

fn provider(running: LocalRunning) -> Provider {
    Provider {
        kind: Kind::Builtin,
        address: Address { host: "127.0.0.1".to_owned(), port: 80, encrypted: false, path: "/v1".to_owned() },
        api_key: None,
        signing: None,
        headers: Vec::new(),
        dialects: Kind::Builtin.dialects().to_vec(),
        models: Vec::new(),
        timeouts: Timeouts::default(),
        answer_limit: ANSWER,
        local: true,
        zero_data_retention: Some(true),
        trains: Some(false),
        quantization: None,
        budget: None,
        running: Some(running),
        fault: None,
    }
}
