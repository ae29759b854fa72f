//! Images of containers, in commands such as `docker run -i --rm image:1.2.3`.

/// Options of `docker run`, and those before `run`, that take no value. All others take the word behind them, unless a
/// value is written into the option itself (`--name=x`). Those of Podman and nerdctl are the same, with some more.
const ALONE: [&str; 26] = [
    "--debug",
    "--detach",
    "--disable-content-trust",
    "--env-host",
    "--help",
    "--http-proxy",
    "--init",
    "--interactive",
    "--no-healthcheck",
    "--no-hostname",
    "--no-hosts",
    "--oom-kill-disable",
    "--passwd",
    "--privileged",
    "--publish-all",
    "--quiet",
    "--read-only",
    "--read-only-tmpfs",
    "--remote",
    "--replace",
    "--rm",
    "--rmi",
    "--sig-proxy",
    "--tls",
    "--tls-verify",
    "--tty",
];

/// The same of one letter. Several may stand in one word (`-it`), the last of which may take a value (`-itv /a:/b`).
const LETTERS: &str = "DPdiqrt";

/// The words behind `run`, if the command runs a container.
pub(super) fn run<'a, 'w>(words: &'w [&'a str]) -> Option<&'w [&'a str]> {
    match words.get(after_options(words)..)? {
        ["run", rest @ ..] | ["container", "run", rest @ ..] => Some(rest),
        _ => None,
    }
}

/// The image that the words behind `run` name; nothing where none is fetched, whatever it is called.
pub(super) fn named<'a>(words: &[&'a str]) -> Option<&'a str> {
    let at = after_options(words);
    let (options, image) = (&words[..at.min(words.len())], *words.get(at)?);
    let local = options.windows(2).any(|pair| pair == ["--pull", "never"]) || options.contains(&"--pull=never");
    (!local).then_some(image)
}

/// Whether an image is named with a digest, or a tag that can be a version. A name without a tag is `latest`, and a tag
/// without a number (`latest`, `stable`, `main`) moves.
pub(super) fn is_pinned(image: &str) -> bool {
    // Before the last `/` a colon is that of a port.
    let last = image.rsplit('/').next().unwrap_or_default();
    let tag = last.split_once(':').map(|(_, tag)| tag);
    last.contains("@") || tag.is_some_and(|tag| tag.contains(|letter: char| letter.is_ascii_digit()))
}

/// How many words the options take that stand first.
fn after_options(words: &[&str]) -> usize {
    let mut at = 0;
    while let Some(word) = words.get(at).filter(|word| word.len() > 1 && word.starts_with('-')) {
        at += 1;
        if *word == "--" {
            break;
        }
        at += usize::from(takes_next(word));
    }
    at
}

/// Whether the value of an option is the word behind it.
fn takes_next(option: &str) -> bool {
    if option.starts_with("--") {
        return !option.contains('=') && !ALONE.contains(&option);
    }
    // The first letter that takes a value takes what is left of the word, and where nothing is, the next.
    let value = option[1..].find(|letter| !LETTERS.contains(letter));
    value.is_some_and(|at| option[1 + at..].chars().count() == 1)
}
