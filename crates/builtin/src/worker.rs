//! The process of a model.

use crate::order::{Order, Outcome};
use crate::runner::Runner;
use crate::serve::Service;
use base::{Code, Error, Result};
use engine::{Device, Engine, FailureKind, Limits, Model, Placement};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::ffi::OsString;
use std::io::{BufRead as _, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// The first argument of such a process.
pub(crate) const WORKER: &str = "__model-worker";

/// The most bytes of an order.
const LONGEST: u64 = 1 << 16;
/// How much of a file is read to see whether its model fits.
const BEGINNING: u64 = 16 << 20;
/// How a model of a file chooses where nothing is said, as other servers of such files do.
const TEMPERATURE: f32 = 0.7;

/// The model in the binary.
pub(crate) const TINY: &[u8] = include_bytes!("../../../tiny/data/tiny.gguf");

/// Does the work when the arguments behind the program's name ask for it; nothing otherwise.
pub fn divert(arguments: &[OsString]) -> Option<ExitCode> {
    (arguments.first()? == WORKER).then(|| if run().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn run() -> std::io::Result<()> {
    let mut line = String::new();
    std::io::stdin().lock().take(LONGEST).read_line(&mut line)?;
    let order = serde_json::from_str::<Order>(&line)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let ended = runtime.block_on(async {
        tokio::select! {
            biased;
            () = hub_gone() => Ok(()),
            ended = work(order) => ended,
        }
    });
    // A model in the middle of a step is not waited for.
    runtime.shutdown_background();
    ended
}

/// Ends when the hub does not hold the other end of the standard input any more.
async fn hub_gone() {
    let (mut input, mut rest) = (tokio::io::stdin(), [0; 64]);
    while input.read(&mut rest).await.is_ok_and(|read| read > 0) {}
}

async fn work(order: Order) -> std::io::Result<()> {
    let idle = order.idle();
    let (outcome, served) = match serve(order).await {
        Ok((address, listener, service)) => {
            let told = told(service.model.placement());
            (Outcome::Ready { address, told }, Some((listener, service)))
        }
        Err(error) => {
            let next = (error.code() == Code::ModelUnreachable).then(|| error.next().to_owned());
            (Outcome::Failed { why: error.message().to_owned(), next }, None)
        }
    };
    let mut output = std::io::stdout();
    writeln!(output, "{}", serde_json::to_string(&outcome)?)?;
    output.flush()?;
    if let Some((listener, service)) = served {
        accept(&listener, &service, idle).await;
    }
    Ok(())
}

async fn serve(order: Order) -> Result<(SocketAddr, TcpListener, Arc<Service>)> {
    let listener = base::network::listen((Ipv4Addr::LOCALHOST, 0).into()).await?;
    let address = listener.local_addr().map_err(|error| Error::internal(format!("no address: {error}")))?;
    let service = base::task::blocking(move || load(&order)).await??;
    Ok((address, listener, Arc::new(service)))
}

/// Loads the model and lets it work.
fn load(order: &Order) -> Result<Service> {
    let limits = Limits { memory: order.memory, context: order.context, ..Limits::default() };
    let failed = |failure: engine::Failure| Error::internal(failure.cause);
    let (bytes, temperature) = match &order.file {
        None => (TINY.to_vec(), 0.0),
        Some(path) => {
            // Said before the file is read, which alone may be too much.
            let (beginning, length) = base::disk::read_beginning(path, BEGINNING)?;
            engine::estimate(&beginning, length, &limits).map_err(failed)?;
            drop(beginning);
            let read = std::fs::read(path);
            (read.map_err(|error| Error::internal(format!("{} cannot be read: {error}", path.display())))?, TEMPERATURE)
        }
    };
    let mut model = Model::load(bytes, limits).map_err(failed)?;
    model.place(&Device::of(&order.device)).map_err(|failure| match failure.kind {
        FailureKind::NoCard => Error::new(Code::ModelUnreachable, failure.cause, no_card()),
        _ => failed(failure),
    })?;
    let model = Arc::new(model);
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let engine = Engine::new(Arc::clone(&model), order.threads.unwrap_or(processors)).map_err(failed)?;
    let authorization = base::random::sha256(format!("Bearer {}", order.bearer).as_bytes());
    let name = order.name.clone();
    Ok(Service { name, model, runner: Runner::start(engine), authorization, temperature })
}

/// What to do about a card that cannot be used.
fn no_card() -> &'static str {
    if engine::USES_CARDS {
        "name one that `tutti doctor` lists as `device` of the provider, or leave it out"
    } else {
        "leave out `device` of the provider, or build Tutti with `cargo build --release --features cards`"
    }
}

/// What people are told of where the weights of a model are. Nothing where it could be nowhere else.
fn told(placement: &Placement) -> Option<String> {
    let why = placement.why.as_ref().map_or_else(String::new, |why| format!(": {why}"));
    match &placement.card {
        Some(card) => Some(format!("{} of its layers are on `{card}`{why}", placement.layers)),
        None => (engine::USES_CARDS && !why.is_empty()).then(|| format!("it runs on the processor{why}")),
    }
}

/// Serves until nobody was connected for `idle`, or the model does not work any more.
async fn accept(listener: &TcpListener, service: &Arc<Service>, idle: Duration) {
    let (open, mut seen) = watch::channel(0_usize);
    let open = Arc::new(open);
    loop {
        let quiet = async {
            // The sender lives as long as this.
            let _ = seen.wait_for(|open| *open == 0).await;
            tokio::time::sleep(idle).await;
        };
        tokio::select! {
            biased;
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    open.send_modify(|open| *open += 1);
                    let (open, service) = (Arc::clone(&open), Arc::clone(service));
                    base::task::spawn("connection", async move {
                        serve_one(stream, service).await;
                        open.send_modify(|open| *open -= 1);
                    });
                } else {
                    // Out of file descriptors, mostly.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
            () = quiet => return,
            // The next request starts a process whose model works.
            () = service.runner.ended() => return,
        }
    }
}

async fn serve_one(stream: TcpStream, service: Arc<Service>) {
    // Without this an answer in two small pieces waits 40 ms for the acknowledgement of the first.
    let _ = stream.set_nodelay(true);
    let answer = service_fn(move |request| Arc::clone(&service).answer(request));
    // One that breaks off is its client's affair.
    let _ = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), answer).await;
}
