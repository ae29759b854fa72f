//! Which processes run, and where they are.

use crate::folder;
use crate::order::{Order, Outcome};
use crate::worker::WORKER;
use base::environment::Environment;
use base::ports::{LocalAddress, LocalModel, ModelProcesses, Wait};
use base::{Code, Error, Result, Secret};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio_util::sync::{CancellationToken, DropGuard};

/// The most bytes of the line with which a process says where it is.
const LONGEST: u64 = 1 << 16;
/// How long a process that takes no connection any more may need to end.
const ENDING: Duration = Duration::from_secs(1);

/// What to do about a model that does not run.
const NEXT: &str =
    "look at the file with `tutti model describe FILE.gguf`; `memory` and `context` of the provider are its room";
/// The variables that drivers of graphics cards go by: where the library, the drivers and what they build kernels with are, which cards may be used, and where they keep
/// what they have built.
const DRIVERS: [&str; 12] = [
    "PATH",
    "LD_LIBRARY_PATH",
    "OPENCL_DYLIB_PATH",
    "OCL_ICD_VENDORS",
    "OCL_ICD_FILENAMES",
    "CUDA_VISIBLE_DEVICES",
    "CUDA_CACHE_PATH",
    "GPU_DEVICE_ORDINAL",
    "ROCR_VISIBLE_DEVICES",
    "POCL_CACHE_DIR",
    "XDG_CACHE_HOME",
    "HOME",
];

/// The processes of models, each started when its model is first asked for. They end with this.
pub struct Processes {
    program: PathBuf,
    folder: PathBuf,
    /// What the drivers of graphics cards go by.
    variables: Vec<(String, String)>,
    slots: Mutex<HashMap<LocalModel, Slot>>,
}

/// The process of a model, where there is one. Held while it is started, so that there is one only.
type Slot = Arc<tokio::sync::Mutex<Option<Running>>>;

struct Running {
    place: LocalAddress,
    /// When its file was changed.
    changed: Option<SystemTime>,
    over: CancellationToken,
    /// Ends it.
    _stop: DropGuard,
}

impl Processes {
    /// Processes of `program`, which is this one, for the models in `folder`.
    pub fn new(program: PathBuf, folder: PathBuf) -> Self {
        Self { program, folder, variables: Vec::new(), slots: Mutex::default() }
    }

    /// Gives to processes that may use a graphics card those of the variables of `environment` that the drivers of cards go by.
    #[must_use]
    pub fn with_drivers(mut self, environment: &Environment) -> Self {
        let known = |name: &&str| Some(((*name).to_owned(), environment.get(name)?.to_owned()));
        self.variables = DRIVERS.iter().filter_map(known).collect();
        self
    }

    fn slot(&self, model: &LocalModel) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        // Those of models that are asked for in another way by now, or whose files are gone.
        slots.retain(|_, slot| Arc::strong_count(slot) > 1 || slot.try_lock().is_ok_and(|slot| is_alive(&slot)));
        Arc::clone(slots.entry(model.clone()).or_default())
    }
}

fn is_alive(slot: &Option<Running>) -> bool {
    slot.as_ref().is_some_and(|running| !running.over.is_cancelled())
}

impl ModelProcesses for Processes {
    fn reach<'a>(&'a self, model: &'a LocalModel) -> Wait<'a, LocalAddress> {
        Box::pin(async move {
            let file = folder::find(&self.folder, &model.name)?;
            let (slot, program, model) = (self.slot(model), self.program.clone(), model.clone());
            let variables = if model.running.device == "cpu" { Vec::new() } else { self.variables.clone() };
            // Goes on when a client leaves: a large model would never be loaded for clients without patience.
            let reached = base::task::spawn_light(reach(slot, (program, variables), model, file)).await;
            reached.map_err(|error| Error::internal(format!("a task failed: {error}")))?
        })
    }

    fn is_over<'a>(&'a self, model: &'a LocalModel, address: SocketAddr) -> Wait<'a, bool> {
        Box::pin(async move {
            let slot = self.slots.lock().unwrap_or_else(PoisonError::into_inner).get(model).cloned();
            let Some(slot) = slot else { return Ok(true) };
            let over = match slot.lock().await.as_ref() {
                Some(running) if running.place.address == address => running.over.clone(),
                _ => return Ok(true),
            };
            Ok(tokio::time::timeout(ENDING, over.cancelled()).await.is_ok())
        })
    }
}

/// A program, and the variables of its environment.
type Program = (PathBuf, Vec<(String, String)>);

async fn reach(slot: Slot, program: Program, model: LocalModel, file: Option<PathBuf>) -> Result<LocalAddress> {
    let mut slot = slot.lock().await;
    let changed = file.as_deref().and_then(changed);
    if let Some(running) = slot.as_ref().filter(|running| !running.over.is_cancelled() && running.changed == changed) {
        return Ok(running.place.clone());
    }
    // Before the next is started: there may not be memory for two.
    *slot = None;
    let bearer = base::random::hex::<32>()?;
    let order = Order::new(&model.name, file, &bearer, &model.running);
    let (child, input, address) = start(&program, &order).await.map_err(|Unstarted { why, next }| {
        let next = next.unwrap_or_else(|| NEXT.to_owned());
        Error::new(Code::ModelUnreachable, format!("the model `{}` does not run: {why}", model.name), next)
    })?;
    let (over, stop) = (CancellationToken::new(), CancellationToken::new());
    base::task::spawn("model process", watch(child, input, model.name, over.clone(), stop.clone()));
    let authorization = Secret::new(format!("Bearer {bearer}").into());
    let place = LocalAddress { address, authorization };
    *slot = Some(Running { place: place.clone(), changed, over, _stop: stop.drop_guard() });
    Ok(place)
}

fn changed(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

/// Waits for the end of a process, and ends it when it is not wanted any more.
async fn watch(mut child: Child, input: ChildStdin, name: String, over: CancellationToken, stop: CancellationToken) {
    let _over = over.drop_guard();
    tokio::select! {
        status = child.wait() => match status {
            Ok(status) if status.success() => tracing::debug!(model = name, "a model that nobody asked was let go"),
            Ok(status) => tracing::warn!(model = name, %status, "the process of a model ended"),
            Err(error) => tracing::warn!(model = name, %error, "the process of a model was lost"),
        },
        () = stop.cancelled() => {
            let _ = child.kill().await;
        }
    }
    // While it is open the process goes on.
    drop(input);
}

/// Why a process does not serve its model, and what to do about it where that is known.
struct Unstarted {
    why: String,
    next: Option<String>,
}

impl<T: Into<String>> From<T> for Unstarted {
    fn from(why: T) -> Self {
        Self { why: why.into(), next: None }
    }
}

/// Starts a process and waits until its model is loaded.
async fn start((program, variables): &Program, order: &Order) -> Result<(Child, ChildStdin, SocketAddr), Unstarted> {
    let mut command = Command::new(program);
    command
        .arg(WORKER)
        .env_clear()
        .envs(variables.iter().cloned())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit());
    // A process group of its own: Ctrl-C is the hub's, which lets what is under way end.
    let spawned = command.process_group(0).kill_on_drop(true).spawn();
    let mut child = spawned.map_err(|error| format!("no process can be started: {error}"))?;
    let (input, output) = (child.stdin.take(), child.stdout.take());
    let (mut input, output) = input.zip(output).ok_or("a process has no pipes")?;
    let mut line = serde_json::to_string(order).map_err(|error| error.to_string())?;
    line.push('\n');
    input.write_all(line.as_bytes()).await.map_err(|error| format!("its process takes no order: {error}"))?;
    let mut said = String::new();
    let read = BufReader::new(output.take(LONGEST)).read_line(&mut said).await;
    read.map_err(|error| format!("its process cannot be heard: {error}"))?;
    match serde_json::from_str::<Outcome>(&said) {
        Ok(Outcome::Ready { address, told }) => {
            if let Some(told) = told {
                tracing::info!(model = order.name, "{told}");
            }
            Ok((child, input, address))
        }
        Ok(Outcome::Failed { why, next }) => Err(Unstarted { why, next }),
        Err(_) => Err("its process ended while it was loaded; there may not be enough memory".into()),
    }
}
