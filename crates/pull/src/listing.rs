//! The files of a repository, and which of them is meant.

use crate::source::{Repository, Wanted, is_path};
use crate::web::{Linked, Web, digest_of, failed};
use base::{Code, Error, Result};
use console::output::one_line;
use identity::oauth::address::Address;
use serde_json::Value;

/// What is taken of several files where nobody says which: the first of these that is there.
const USUAL: [&str; 4] = ["Q4_K_M", "Q8_0", "Q4_0", "F16"];

/// The most files that an error names.
const SHOWN: usize = 30;

/// A file of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) path: String,
    pub(crate) linked: Linked,
}

/// The file of `repository` that is meant, by the list that the hub gives of it.
///
/// # Errors
/// There is no such list, or no such file, or several.
pub(crate) async fn choose(web: &Web, hub: &Address, repository: &Repository, wanted: &Wanted) -> Result<Listed> {
    let address = repository.list(hub)?;
    let text = web.text(&address).await?;
    let list: Value = base::json::from_text(&text).map_err(|_| failed(&address, "the answer is no list of files"))?;
    let files = list.as_array().ok_or_else(|| failed(&address, "the answer is no list of files"))?;
    one(files.iter().filter_map(read).collect(), wanted).map_err(|why| {
        let next = "name one: tutti model pull OWNER/REPO:FILE.gguf";
        Error::new(Code::ModelPull, format!("{} {why}", repository.name), next)
    })
}

/// An entry as <https://huggingface.co/docs/hub/api> has it, if it is a model file.
fn read(entry: &Value) -> Option<Listed> {
    let path = entry["path"].as_str().filter(|path| is_path(path))?;
    let large = &entry["lfs"];
    let bytes = large["size"].as_u64().or_else(|| entry["size"].as_u64());
    let linked = Linked { digest: large["oid"].as_str().and_then(digest_of), bytes };
    Some(Listed { path: path.to_owned(), linked })
}

fn one(files: Vec<Listed>, wanted: &Wanted) -> Result<Listed, String> {
    if let Wanted::Path(path) = wanted {
        let found = files.into_iter().find(|file| file.path == *path);
        return found.ok_or_else(|| format!("has no file {}", one_line(path, 200)));
    }
    let whole: Vec<Listed> = files.into_iter().filter(|file| is_model(&file.path)).collect();
    let of = |word: &str| -> Vec<&Listed> { whole.iter().filter(|file| is_called(&file.path, word)).collect() };
    let found = match wanted {
        Wanted::Quantization(word) => of(word),
        _ if whole.len() == 1 => whole.iter().collect(),
        _ => USUAL.iter().map(|word| of(word)).find(|found| !found.is_empty()).unwrap_or_default(),
    };
    match found.as_slice() {
        [only] => Ok((*only).clone()),
        [] if whole.is_empty() => Err("has no model in one GGUF file".to_owned()),
        several => {
            let names = if several.is_empty() { whole.iter().collect() } else { found };
            let names: Vec<String> = names.iter().take(SHOWN).map(|file| one_line(&file.path, 200)).collect();
            Err(format!("has several model files, and none or more than one is meant: {}", names.join(", ")))
        }
    }
}

/// Whether a file is a whole model of texts: neither one of several parts nor what reads pictures for one.
fn is_model(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_part = name
        .strip_suffix(".gguf")
        .and_then(|stem| stem.rsplit_once("-of-"))
        .is_some_and(|(_, count)| count.len() == 5 && count.bytes().all(|byte| byte.is_ascii_digit()));
    !is_part && !name.to_ascii_lowercase().contains("mmproj")
}

/// Whether the name of a file ends with `word`, as a word of its own.
fn is_called(path: &str, word: &str) -> bool {
    let stem = path.strip_suffix(".gguf").unwrap_or(path).to_ascii_lowercase();
    let before = stem.strip_suffix(&word.to_ascii_lowercase());
    before.is_some_and(|before| before.ends_with(['-', '.', '_', '/']) || before.is_empty())
}

#[cfg(test)]
mod tests;
