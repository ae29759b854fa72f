//! Models of files that this program runs itself.

use super::{Deployment, Kind, Limits, Provider, Settings, Timeouts, money, timeouts};
use base::Code;
use base::config::Section;
use base::ports::LocalRunning;
use openapi::Address;
use routing::{Capabilities, Capability};
use std::time::Duration;

/// The name of the provider that is there also where it is not configured.
const NAME: &str = "builtin";

/// How large an answer may be: more than any context holds.
const ANSWER: usize = 64 << 20;

/// A model of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name behind that of the provider.
    pub name: String,
    /// How many tokens it was made for, where that is known.
    pub context: Option<usize>,
    /// Whether clients may name it without the provider, and see it in lists.
    pub listed: bool,
}

impl Settings {
    /// Has the models of `files` served by this program, besides what is configured of it.
    pub fn serve_files(&mut self, files: &[File]) {
        let provider = self.providers.entry(NAME.to_owned()).or_insert_with(|| provider(LocalRunning::default()));
        let Some(running) = &provider.running else { return };
        let capabilities = Capabilities::NONE.with(Capability::JsonSchema).with(Capability::Stream);
        for File { name, context, listed } in files {
            let deployment = Deployment { provider: NAME.to_owned(), model: name.clone() };
            let described = self.deployments.entry(deployment).or_default();
            let context = context.unwrap_or(usize::MAX).min(running.context);
            described.context_length.get_or_insert(context as u64);
            described.capabilities.get_or_insert(capabilities);
            if *listed && !provider.models.contains(name) {
                provider.models.push(name.clone());
            }
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
    let device = section.text("device").filter(|device| !device.is_empty());
    let running = LocalRunning {
        memory: section.size("memory", 1 << 20..=1 << 50).unwrap_or(usual.memory),
        threads,
        idle: idle.unwrap_or(usual.idle),
        context: context.unwrap_or(usual.context),
        device: device.unwrap_or(usual.device),
    };
    let models = section.texts("models").unwrap_or_default();
    let timeouts = timeouts::read(&mut section);
    let budget = money::budget(&mut section, format!("provider:{name}"));
    let limits = Limits::read(&mut section);
    section.finish();
    Provider { models, timeouts, budget, limits, ..provider(running) }
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
        limits: None,
        probe: None,
        running: Some(running),
        fault: None,
    }
}
