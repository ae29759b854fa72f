//! What is wanted, from what was typed to the file in the folder.

use crate::download::{Wish, download, fits};
use crate::listing;
use crate::part::Part;
use crate::size;
use crate::source::{Source, Wanted};
use crate::web::{Linked, Stop, Web, failed, shown};
use base::environment::Environment;
use base::{Code, Error, Result};
use identity::oauth::address::Address;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// How much of a file of this machine is read at once.
const READ: usize = 1 << 20;

/// A model file that is wanted.
pub struct Order<'a> {
    /// Where it is: `OWNER/REPO`, `OWNER/REPO:QUANTIZATION`, `hf:OWNER/REPO/FILE.gguf`, an address, or a path.
    pub source: &'a str,
    /// The address of the hub.
    pub hub: &'a str,
    /// What the model is to be called; its file's name where nothing is said.
    pub name: Option<&'a str>,
    /// The SHA-256 digest that it must have.
    pub digest: Option<[u8; 32]>,
    /// The most bytes that it may have.
    pub limit: u64,
    /// Whether it takes the place of a model of the same name.
    pub replaces: bool,
    /// How many bytes are free where it is kept.
    pub free: Option<u64>,
    /// Where the home of Tutti is, what paths are relative to, and the credential for the hub (`HF_TOKEN`).
    pub environment: &'a Environment,
}

/// What is told meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// A file is asked for at this address, from this byte on.
    Begins(String, u64),
    /// So many bytes are there, of so many.
    Progress(u64, Option<u64>),
}

/// A model that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulled {
    /// Its name.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// Where it is from.
    pub from: String,
    /// Its SHA-256 digest, in hexadecimal digits.
    pub digest: String,
    /// How many bytes were brought here, and not there before.
    pub fetched: u64,
}

/// Told what happens.
type Tell<'a> = &'a mut (dyn FnMut(News) + Send);

/// Brings the file into the folder of models.
///
/// # Errors
/// - [`Code::Usage`]: what was typed means nothing.
/// - [`Code::FileExists`]: there is a model of this name.
/// - [`Code::ModelPull`]: it cannot be fetched, is too large, or has another digest.
/// - [`Code::ModelFile`]: it is no model that can be run.
/// - [`Code::Disk`]: there is no room for it, or the disk fails.
pub async fn pull(order: &Order<'_>, tell: Tell<'_>) -> Result<Pulled> {
    let found = order.find().await?;
    let name = order.called(&found)?;
    let target = builtin::path(&builtin::folder(&order.environment.home()), &name)?;
    if target.exists() && !order.replaces {
        let message = format!("there is a model {name} already");
        return Err(Error::new(
            Code::FileExists,
            message,
            "choose another name with --name, or take its place with --replace",
        ));
    }
    let (from, digest, fetched) = match &found {
        Found::Here(path) => order.copy(path, &target)?,
        Found::There(address, linked, web) => order.fetch(web, address, linked.clone(), &target, tell).await?,
    };
    Ok(Pulled { name, path: target, from, digest, fetched })
}

/// Where a model was found.
enum Found {
    Here(PathBuf),
    There(Address, Linked, Box<Web>),
}

impl Order<'_> {
    async fn find(&self) -> Result<Found> {
        let hub = hub(self.hub)?;
        let token = self.environment.get("HF_TOKEN").filter(|token| !token.is_empty());
        match Source::parse(self.source)? {
            Source::File(path) => Ok(Found::Here(match path.strip_prefix("~") {
                Ok(rest) => self.environment.user_home().join(rest),
                Err(_) => self.environment.working_directory().join(path),
            })),
            Source::Address(address) => {
                let web = Web::new(&address, token.filter(|_| address.same_origin(&hub)))?;
                Ok(Found::There(address, Linked::default(), Box::new(web)))
            }
            Source::Hub(repository, wanted) => {
                let web = Web::new(&hub, token)?;
                let (path, linked) = match wanted {
                    Wanted::Path(path) => (path, Linked::default()),
                    wanted => {
                        let listed = listing::choose(&web, &hub, &repository, &wanted).await?;
                        (listed.path, listed.linked)
                    }
                };
                Ok(Found::There(repository.file(&hub, &path)?, linked, Box::new(web)))
            }
        }
    }

    /// What the model is to be called.
    fn called(&self, found: &Found) -> Result<String> {
        let file = match found {
            Found::Here(path) => path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned(),
            Found::There(address, ..) => address.path().rsplit('/').next().unwrap_or_default().replace("%20", " "),
        };
        let name = self.name.map(str::to_owned).or_else(|| builtin::name_of(&file));
        name.ok_or_else(|| {
            Error::new(Code::Usage, "the name of the file is none for a model", "choose one with --name")
        })
    }

    /// Fetches the file from a server. Gives where it is from, its digest, and how many bytes came.
    async fn fetch(
        &self,
        web: &Web,
        address: &Address,
        linked: Linked,
        target: &Path,
        tell: Tell<'_>,
    ) -> Result<(String, String, u64)> {
        if self.digest.zip(linked.digest).is_some_and(|(wanted, said)| wanted != said) {
            let why = "the hub says that it has another SHA-256 digest than the one that was asked for";
            return Err(failed(address, why));
        }
        let from = shown(address);
        let mut part = Part::open(target, address.text())?;
        tell(News::Begins(from.clone(), part.length()));
        let linked = Linked { digest: self.digest.or(linked.digest), ..linked };
        let mut wish = Wish { address, linked, limit: self.limit, free: self.free };
        let mut progress = |there: u64, whole: Option<u64>| tell(News::Progress(there, whole));
        match download(web, &mut wish, &mut part, &mut progress).await {
            Ok(came) => Ok((from, part.finish(target, came.digest)?, came.fetched)),
            Err(Stop::Refused(error)) => {
                // A full disk is no fault of the file.
                if error.code() != Code::Disk {
                    part.discard()?;
                }
                Err(error)
            }
            Err(Stop::Broken(why)) => Err(broken(address, &why, part)?),
        }
    }

    /// Takes a file of this machine.
    fn copy(&self, from: &Path, target: &Path) -> Result<(String, String, u64)> {
        let cannot = |error: std::io::Error| {
            Error::new(Code::Disk, format!("cannot read {}: {error}", from.display()), "check the path")
        };
        let mut file = std::fs::File::open(from).map_err(cannot)?;
        let bytes = file.metadata().map_err(cannot)?.len();
        if bytes > self.limit {
            let message = format!("{} has {}: --limit allows {}", from.display(), size(bytes), size(self.limit));
            return Err(Error::new(Code::ModelPull, message, "raise the limit if the file is meant"));
        }
        builtin::check(from)?;
        fits(self.free, bytes)?;
        let shown = from.display().to_string();
        let mut part = Part::open(target, &shown)?;
        part.restart()?;
        let mut buffer = vec![0; READ];
        loop {
            let read = file.read(&mut buffer).map_err(cannot)?;
            match buffer.get(..read).filter(|bytes| !bytes.is_empty()) {
                Some(bytes) => part.write(bytes)?,
                None => break,
            }
        }
        Ok((shown, part.finish(target, self.digest)?, bytes))
    }
}

fn hub(text: &str) -> Result<Address> {
    let refused = |why: &str| {
        Error::new(Code::Usage, format!("the address of the hub {why}"), "write it as https://huggingface.co")
    };
    let hub = Address::parse(text).map_err(refused)?;
    if hub.target().contains('?') { Err(refused("has a query")) } else { Ok(hub) }
}

/// The error of a download that broke off. What came stays, unless nothing did.
fn broken(address: &Address, why: &str, part: Part) -> Result<Error> {
    let (error, kept) = (failed(address, why), part.length());
    if kept == 0 {
        part.discard()?;
        return Ok(error);
    }
    let next = format!("try again: {} are kept, and the same command goes on from there", size(kept));
    Ok(Error::new(error.code(), error.message(), next))
}
