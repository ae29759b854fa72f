//! What a gateway to models costs for each request and each piece of a streamed answer, against floors and a peer.

use std::{process::Stdio, time::Duration};

use anyhow::{Context, Result};
use serde::Serialize;

pub mod load;
pub mod report;
pub mod targets;

/// The model as the provider names it, and the route under which gateways offer it.
pub const MODEL: &str = "mock-model";
pub const ROUTE: &str = "bench";

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Case {
    /// One answer, not streamed
    Json,
    /// A stream of which all is there at once
    Burst,
    /// A stream of which each chunk comes 5 ms after the one before
    Spaced,
}

impl Case {
    pub const ALL: [Self; 3] = [Self::Json, Self::Burst, Self::Spaced];

    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Burst => "burst",
            Self::Spaced => "spaced",
        }
    }

    /// Tokens of a streamed answer.
    pub fn tokens(self) -> usize {
        match self {
            Self::Json => 0,
            Self::Burst => 20,
            Self::Spaced => 100,
        }
    }

    /// Chunks of a streamed answer: beside the tokens the role, the end with its usage, and `[DONE]`.
    pub fn chunks(self) -> usize {
        match self {
            Self::Json => 0,
            Self::Burst | Self::Spaced => self.tokens() + 3,
        }
    }

    /// Time between two chunks.
    pub fn pause(self) -> Duration {
        Duration::from_millis(if self == Self::Spaced { 5 } else { 0 })
    }

    /// A request of about 250 bytes. The mock provider reads from `max_tokens` and `seed`, which every gateway hands on, how
    /// many tokens it is to stream and how many milliseconds it pauses before each.
    pub fn request(self, model: &str) -> String {
        let stream = if self == Self::Json { "" } else { r#""stream":true,"# };
        format!(
            concat!(
                r#"{{"model":"{model}",{stream}"max_tokens":{tokens},"seed":{pause},"messages":["#,
                r#"{{"role":"system","content":"You are a helpful assistant. You answer shortly."}},"#,
                r#"{{"role":"user","content":"Why is the sky blue, and why is it red when the sun sets?"}}]}}"#,
            ),
            model = model,
            stream = stream,
            tokens = self.tokens().max(1),
            pause = self.pause().as_millis(),
        )
    }
}

/// Builds a binary of this crate as the product is built and gives the directory that it is in. An ordinary build lacks
/// the optimisation over crates that the product has, and a ratio to it would flatter the product.
pub async fn built_alike(binaries: &[&str]) -> Result<std::path::PathBuf> {
    let own = std::env::current_exe().context("cannot tell where this binary is")?;
    let target = own.ancestors().nth(2).context("this binary is in no target directory")?.to_owned();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = tokio::process::Command::new(cargo);
    command.args(["build", "--profile", "product", "--quiet", "--manifest-path"]);
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).arg("--target-dir").arg(&target);
    command.args(binaries.iter().flat_map(|binary| ["--bin", *binary]));
    let status = command.stdout(Stdio::null()).status().await.context("cannot run cargo")?;
    anyhow::ensure!(status.success(), "the reference servers do not build");
    Ok(target.join("product"))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::Case;

    #[test]
    fn requests_are_json_that_says_what_is_wanted() {
        for case in Case::ALL {
            let text = case.request("m");
            let request: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(request["model"], "m");
            assert_eq!(request["stream"] == true, case != Case::Json);
            assert_eq!(request["seed"], case.pause().as_millis() as u64);
            assert!((200..270).contains(&text.len()), "{} bytes", text.len());
        }
    }
}
