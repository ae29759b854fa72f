use super::{Ended, Program, run};
use crate::{Code, Result};
use std::path::Path;
use std::time::Duration;

async fn ran(name: &str, arguments: &[&str], input: &[u8], limit: usize) -> Result<Ended> {
    let path = crate::environment::Environment::of_process().unwrap().get("PATH").unwrap_or_default().to_owned();
    let environment = [("PATH", path.as_str()), ("WORD", "given")];
    let time = Duration::from_secs(60);
    run(Program { name, arguments, folder: Path::new("/"), environment: &environment, input, limit, time }).await
}

#[tokio::test]
async fn a_program_gets_what_it_is_given_and_nothing_else() {
    let ended = ran("env", &[], b"", 1 << 16).await.unwrap();
    let said = String::from_utf8(ended.output).unwrap();
    assert_eq!(ended.code, Some(0));
    assert!(said.lines().all(|line| line.starts_with("PATH=") || line == "WORD=given"), "{said}");
    let ended = ran("cat", &[], b"in", 1 << 16).await.unwrap();
    assert_eq!((ended.code, ended.output.as_slice()), (Some(0), b"in".as_slice()));
}

#[tokio::test]
async fn arguments_are_no_words_of_a_shell() {
    let ended = ran("echo", &["$(id); `id` && id", "*"], b"", 1 << 16).await.unwrap();
    assert_eq!(ended.output, b"$(id); `id` && id *\n");
}

#[tokio::test]
async fn what_is_too_much_or_not_there_is_an_error() {
    let error = ran("cat", &[], &[b'x'; 100], 99).await.unwrap_err();
    assert_eq!((error.code(), error.message().contains("more than 99 bytes")), (Code::Disk, true));
    assert!(ran("cat", &[], &[b'x'; 99], 99).await.is_ok());
    let error = ran("no-such-program-here", &[], b"", 1).await.unwrap_err();
    assert!(error.message().contains("cannot be started"), "{error}");
}
