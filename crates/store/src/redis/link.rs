//! The task that keeps the connections to the Redis: one for commands, one for what other replicas say.
//!
//! It is the breaker too. An answer that comes too late ends both connections, and until a new pair of them has answered
//! nobody waits for anything.

use super::Inner;
use super::address::{Address, Place};
use super::limited::Limited;
use ::redis::aio::{MultiplexedConnection, PubSub, PubSubSink, PubSubStream};
use ::redis::{ProtocolVersion, RedisConnectionInfo, RedisError, Value, cmd};
use base::network::{self, Connector};
use base::task;
use futures_util::StreamExt as _;
use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Notify, mpsc};
use tokio::time::{sleep, timeout};

/// How long a connection may take to be there and to answer.
const ARRIVAL: Duration = Duration::from_secs(2);

/// The wait after a failure, doubled each time up to the second.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// How often it is looked whether a quiet connection is there still.
const LOOK: Duration = Duration::from_secs(5);

trait Carrier: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Carrier for T {}

/// The connection for commands, and whom to tell that it is late. Clones are one.
#[derive(Clone)]
pub(super) struct Link {
    pub(super) commands: MultiplexedConnection,
    pub(super) late: Arc<Notify>,
}

/// Why there is no connection, or no longer.
pub(super) struct Lost(String);

impl Lost {
    fn late() -> Self {
        Self("an answer came too late".to_owned())
    }
}

impl From<RedisError> for Lost {
    fn from(error: RedisError) -> Self {
        // What a stranger says must be fit for a log.
        Self(error.to_string().chars().filter(|character| !character.is_control()).take(200).collect())
    }
}

impl From<base::Error> for Lost {
    fn from(error: base::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<std::io::Error> for Lost {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<tokio::time::error::Elapsed> for Lost {
    fn from(_: tokio::time::error::Elapsed) -> Self {
        Self("it does not answer".to_owned())
    }
}

/// Connects again and again, in a task, for as long as somebody holds the other end of `held`.
pub(super) fn start(inner: &Arc<Inner>, held: mpsc::Receiver<Infallible>) {
    task::spawn("redis", keep(Arc::clone(inner), held));
}

async fn keep(inner: Arc<Inner>, mut held: mpsc::Receiver<Infallible>) {
    let mut wait = BACKOFF.0;
    loop {
        let Lost(why) = tokio::select! {
            lost = carry(&inner) => lost,
            _ = held.recv() => return,
        };
        wait = if inner.went(&why) { BACKOFF.0 } else { (wait * 2).min(BACKOFF.1) };
        tokio::select! {
            () = sleep(wait) => {}
            _ = held.recv() => return,
        }
    }
}

/// Connects, and carries commands and news until a connection fails. Says why.
async fn carry(inner: &Inner) -> Lost {
    let info = info(&inner.settings.address);
    let opened = timeout(ARRIVAL, open(inner, &info)).await;
    let (commands, driver) = match opened {
        Ok(Ok(opened)) => opened,
        Ok(Err(lost)) => return lost,
        Err(elapsed) => return elapsed.into(),
    };
    tokio::select! {
        () = driver => Lost("it hung up".to_owned()),
        lost = serve(inner, commands, &info) => lost,
    }
}

/// The connection for commands, and what must be polled for it to work.
async fn open(
    inner: &Inner,
    info: &RedisConnectionInfo,
) -> Result<(MultiplexedConnection, impl Future<Output = ()>), Lost> {
    // Without a limit to the time of an answer: who asks has one of its own.
    Ok(MultiplexedConnection::new(info, dial(&inner.settings.address.place).await?).await?)
}

async fn serve(inner: &Inner, commands: MultiplexedConnection, info: &RedisConnectionInfo) -> Lost {
    let arriving = async {
        let empty = inner.greet(&commands).await?;
        let mut news = PubSub::new(info, dial(&inner.settings.address.place).await?).await?;
        news.subscribe(&inner.channel).await?;
        Ok::<_, Lost>((empty, news.split()))
    };
    let (empty, (sink, stream)) = match timeout(ARRIVAL, arriving).await {
        Ok(Ok(arrived)) => arrived,
        Ok(Err(lost)) => return lost,
        Err(elapsed) => return elapsed.into(),
    };
    let late = Arc::new(Notify::new());
    inner.came(Link { commands: commands.clone(), late: Arc::clone(&late) }, empty);
    tokio::select! {
        lost = look(commands, sink, inner.settings.patience) => lost,
        lost = hear(inner, stream) => lost,
        () = late.notified() => Lost::late(),
    }
}

/// One connection, which is no more than bytes yet.
async fn dial(place: &Place) -> Result<Limited<Box<dyn Carrier>>, Lost> {
    let stream: Box<dyn Carrier> = match place {
        Place::Socket(path) => Box::new(network::connect_socket(path).await?),
        Place::Host { host, port, encrypted } => {
            let connector = Connector::new(host, *port, *encrypted)?;
            Box::new(connector.connect().await?)
        }
    };
    Ok(Limited::new(stream))
}

/// As whom to come there. The answers of version 2 of the protocol are what every Redis knows.
fn info(address: &Address) -> RedisConnectionInfo {
    RedisConnectionInfo {
        db: address.number.into(),
        username: address.user.clone(),
        password: address.password.as_ref().map(|password| password.expose().clone()),
        protocol: ProtocolVersion::RESP2,
    }
}

/// Asks now and then whether the connections are there still: one that is gone without a word must not be so for ever.
async fn look(mut commands: MultiplexedConnection, mut news: PubSubSink, patience: Duration) -> Lost {
    loop {
        sleep(LOOK).await;
        let both = async {
            commands.send_packed_command(&cmd("PING")).await?;
            news.ping::<Value>().await
        };
        match timeout(patience * 2, both).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => return error.into(),
            Err(_) => return Lost::late(),
        }
    }
}

async fn hear(inner: &Inner, mut news: PubSubStream) -> Lost {
    while let Some(message) = news.next().await {
        inner.hear(message.get_payload_bytes());
    }
    Lost("it hung up".to_owned())
}
