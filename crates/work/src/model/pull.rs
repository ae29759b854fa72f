//! `tutti model pull`: brings a model file into the folder of models.

use base::config::size_from_text;
use base::{Code, Error};
use clap::{Arg, ArgAction, ArgMatches};
use console::output::{Output, Style};
use hubs::{Command, Context, Failures};
use pull::{News, Order, Pulled, digest_of, pull, size};
use serde_json::json;

/// The command.
pub(super) const COMMAND: Command = Command { arguments, run };

fn arguments() -> clap::Command {
    let option = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    clap::Command::new("pull")
        .about("Fetch a model file, so that Tutti can run it")
        .arg(
            Arg::new("source")
                .value_name("MODEL")
                .required(true)
                .help("OWNER/REPO or OWNER/REPO:QUANTIZATION of a hub, hf:OWNER/REPO/FILE.gguf, an address, or a path"),
        )
        .arg(option("name", "NAME", "What it is called here [default: the name of its file]"))
        .arg(option("sha256", "DIGEST", "The digest that the file must have; hubs tell it for theirs"))
        .arg(option("hub", "URL", "The hub, or a mirror of it").default_value("https://huggingface.co"))
        .arg(option("limit", "SIZE", "The most bytes that the file may have").default_value("64GiB"))
        .arg(Arg::new("replace").long("replace").action(ArgAction::SetTrue).help("Take the place of a model of this name"))
        .after_help(
            "Examples:\n  tutti model pull Qwen/Qwen3-0.6B-GGUF:Q8_0\n  tutti model pull hf:Qwen/Qwen3-0.6B-GGUF/Qwen3-0.6B-Q8_0.gguf\n  \
             tutti model pull https://example.com/m.gguf --sha256 DIGEST\n  tutti model pull ./qwen3-8b-q4_k_m.gguf --name mine\n\n\
             The model is then builtin/NAME. What breaks off is gone on with when the same is asked for again.\n\
             HF_TOKEN is a credential for the hub, and sent nowhere else.",
        )
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let wrong = |option: &str, next: &str| Error::new(Code::Usage, format!("`--{option}` is none"), next);
    let digest =
        text("sha256").map(|text| digest_of(text).ok_or_else(|| wrong("sha256", "write 64 hexadecimal digits")));
    let limit = text("limit").and_then(size_from_text).ok_or_else(|| wrong("limit", "write it as 20GiB"))?;
    let order = Order {
        source: text("source").unwrap_or_default(),
        hub: text("hub").unwrap_or_default(),
        name: text("name"),
        digest: digest.transpose()?,
        limit,
        replaces: matches.get_flag("replace"),
        free: hubs::room::free(&context.environment.home()),
        environment: &context.environment,
    };
    let output = &context.output;
    let mut tell = |news: News| match news {
        News::Begins(from, 0) => output.message(&format!("fetching {from}")),
        News::Begins(from, there) => output.message(&format!("fetching {from}, from {} on", size(there))),
        News::Progress(there, whole) => output.progress(&progress(there, whole)),
    };
    let pulled = context.block_on(async { Ok(pull(&order, &mut tell).await) })?;
    output.progress("");
    report(output, &pulled?);
    Ok(0)
}

fn progress(there: u64, whole: Option<u64>) -> String {
    const WIDTH: u64 = 30;
    let Some(whole) = whole.filter(|whole| *whole > 0) else { return size(there) };
    let share =
        |of: u64| u64::try_from(u128::from(there.min(whole)) * u128::from(of) / u128::from(whole)).unwrap_or(of);
    let done = usize::try_from(share(WIDTH)).unwrap_or_default();
    let left = usize::try_from(WIDTH).unwrap_or_default() - done;
    format!("[{}{}] {:3} % of {}", "#".repeat(done), " ".repeat(left), share(100), size(whole))
}

fn report(output: &Output, pulled: &Pulled) {
    let Pulled { name, path, from, digest, fetched } = pulled;
    let model = format!("{}{name}", super::PROVIDER);
    let bytes = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    if output.json {
        let path = path.display().to_string();
        return output.value(&json!({
            "name": name, "model": model, "path": path, "bytes": bytes, "sha256": digest, "from": from, "fetched": fetched,
        }));
    }
    output.line(&format!("{} is there ({}, SHA-256 {digest})", output.paint(Style::Strong, &model), size(bytes)));
    output.message("ask for it by this name; a hub that runs lists it after its next start or reload");
}

#[cfg(test)]
mod tests;
