use super::*;
use ::redis::cmd;
use base::config::{Problems, yaml};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::TcpListener;
use tokio::net::tcp::OwnedReadHalf;

fn settings(url: &str) -> Settings {
    let text = format!("url: {url}\ntimeout: 1s\n");
    let document = yaml("test.yaml", &text).expect("it is YAML");
    let problems = Problems::new();
    let settings = Settings::read(&problems, Some((&document.root, "test.yaml")));
    problems.into_result().expect("it is a good section");
    settings.expect("there is one")
}

fn sealer(material: u8) -> Sealer {
    Sealer::new(&[material; 32])
}

/// Answers as a Redis that holds nothing does, but never answers a `STRLEN`.
async fn serve(listener: TcpListener) {
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        base::task::spawn("fake redis", async move {
            let (reader, mut writer) = stream.into_split();
            let mut lines = BufReader::new(reader).lines();
            while let Some(words) = command(&mut lines).await {
                let answer: &[u8] = match words[0].as_str() {
                    "GET" => b"$-1\r\n",
                    "SUBSCRIBE" => b"*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n",
                    "STRLEN" => continue,
                    "FAIL" => b"-ERR unknown\r\n",
                    "HGETALL" => b"-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
                    _ => b"+OK\r\n",
                };
                if writer.write_all(answer).await.is_err() {
                    return;
                }
            }
        });
    }
}

/// The words of the next command: how many there are, and each after its length. None of them has lines here.
async fn command(lines: &mut Lines<BufReader<OwnedReadHalf>>) -> Option<Vec<String>> {
    let count: usize = lines.next_line().await.ok()??.strip_prefix('*')?.parse().ok()?;
    let mut words = Vec::new();
    for _ in 0..count {
        let length: usize = lines.next_line().await.ok()??.strip_prefix('$')?.parse().ok()?;
        words.push(lines.next_line().await.ok()?.filter(|word| word.len() == length)?);
    }
    Some(words)
}

async fn fake() -> (Redis, tokio::task::JoinHandle<()>) {
    let listener = base::network::listen("127.0.0.1:0".parse().expect("an address")).await.expect("a port");
    let url = format!("redis://{}", listener.local_addr().expect("an address"));
    let server = base::task::spawn("fake redis", serve(listener));
    let redis = Redis::open(settings(&url), &sealer(7)).await.expect("it can be made");
    (redis, server)
}

#[tokio::test]
async fn an_answer_that_is_late_ends_the_waiting_of_all() {
    let (redis, _server) = fake().await;
    let mut news = redis.news();
    assert_eq!(redis.run(vec![Cmd::get("a")]).await, Ok(vec![Value::Nil]));
    assert_eq!(redis.run(vec![Cmd::strlen("a")]).await, Err(Away));
    assert!(!redis.is_up(), "nobody else waits");
    assert_eq!(redis.run(vec![Cmd::get("a")]).await, Err(Away));
    // It comes back by itself, and says so.
    while !matches!(news.recv().await, Ok(Heard::Back { empty: true })) {}
    assert_eq!(redis.run(vec![Cmd::get("a")]).await, Ok(vec![Value::Nil]));
    assert_eq!((redis.status().losses, redis.status().error.is_none()), (1, true));
}

#[tokio::test]
async fn an_error_is_no_answer_and_no_loss() {
    let (redis, _server) = fake().await;
    assert_eq!(redis.run(vec![cmd("FAIL"), Cmd::get("a")]).await, Err(Away));
    assert!(redis.is_up());
    assert_eq!(redis.status().losses, 0);
}

#[tokio::test]
async fn a_value_of_another_kind_is_none_and_is_counted() {
    let (redis, _server) = fake().await;
    let answers = redis.run(vec![Cmd::hgetall("a"), Cmd::get("b")]).await;
    assert_eq!((answers, redis.status().refused), (Ok(vec![Value::Nil, Value::Nil]), 1));
}

#[tokio::test]
async fn one_that_is_not_there_is_said_to_be_away() {
    let listener = base::network::listen("127.0.0.1:0".parse().expect("an address")).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let redis =
        Redis::open(settings(&format!("redis://:s3cret@{address}/2")), &sealer(7)).await.expect("it can be made");
    assert_eq!(redis.run(vec![cmd("PING")]).await, Err(Away));
    let error = redis.status().error.expect("it is away");
    assert_eq!(error.code(), Code::RedisAway);
    assert!(error.message().contains("/2 is away") && !error.message().contains("s3cret"), "{}", error.message());
}

#[tokio::test]
async fn what_lies_there_is_good_for_its_place_and_time_only() {
    let (redis, _server) = fake().await;
    let minute = Duration::from_secs(60);
    let sealed =
        |place: &str, stays| Value::BulkString(redis.seal(place, b"value", stays).expect("sealed").into_bytes());
    let (value, left) = redis.open_sealed("a", &sealed("a", minute)).expect("it opens");
    assert_eq!(value, b"value");
    assert!(left <= minute && left > minute / 2, "{left:?}");
    assert_eq!(redis.open_sealed("a", &Value::Nil), None);
    assert_eq!(redis.open_sealed("a", &sealed("a", Duration::ZERO)), None, "too old, which is no fault");
    assert_eq!(redis.status().refused, 0);
    assert_eq!(redis.open_sealed("b", &sealed("a", minute)), None, "carried elsewhere");
    assert_eq!(redis.open_sealed("a", &Value::BulkString(b"planted".to_vec())), None);
    assert_eq!(redis.open_sealed("a", &Value::BulkString(vec![0xff; 9])), None);
    assert_eq!(redis.status().refused, 3);
    let name = redis.name("session", "one").expect("a name");
    assert!(name.starts_with("tutti:session:") && !name.contains("one"), "{name}");
    assert_ne!(name, redis.name("result", "one").expect("a name"));
}
