//! Requests for models, and the streams that answer them: a request goes on as it came but for one name, and a stream may
//! be cut anywhere.

use bytes::Bytes;
use inspection::watch::{Fault, Watch};
use llm::config::Deployment;
use llm::{Asked, Dialect, Endpoint};

const ENDPOINTS: [Endpoint; 4] =
    [Endpoint::ChatCompletions, Endpoint::Responses, Endpoint::OllamaChat, Endpoint::GenerateContent];

const DIALECTS: [Dialect; 5] =
    [Dialect::OpenAiChat, Dialect::OpenAiResponses, Dialect::Anthropic, Dialect::Gemini, Dialect::Ollama];

/// The largest event that is taken.
const LIMIT: usize = 4096;

/// The first byte says which endpoint or dialect; the second where a stream is cut.
pub(crate) fn feed(data: &[u8]) {
    let [which, cut, rest @ ..] = data else { return };
    request(ENDPOINTS[usize::from(*which) % ENDPOINTS.len()], rest);
    let dialect = DIALECTS[usize::from(*which) % DIALECTS.len()];
    let cut = usize::from(*cut) * rest.len() / 256;
    let (whole, pieces) = (watch(dialect, &[rest]), watch(dialect, &[&rest[..cut], &rest[cut..]]));
    assert_eq!(whole, pieces, "a stream that is cut at {cut}");
}

fn request(endpoint: Endpoint, data: &[u8]) {
    let in_path = endpoint.names_model_in_path().then_some("m");
    let Ok(asked) = Asked::read(endpoint, in_path, Bytes::copy_from_slice(data)) else { return };
    let Ok(again) = Asked::read(endpoint, in_path, asked.body_for("another \"one\"")) else {
        panic!("what goes on is no request any more");
    };
    let _ = asked.most_input();
    assert_eq!((asked.stream, asked.answers), (again.stream, again.answers));
    assert_eq!(llm::digest(&asked), llm::digest(&again), "the model's name is no part of what is asked");
    if in_path.is_none() {
        assert_eq!(&*again.model, "another \"one\"");
        let back = Asked::read(endpoint, None, again.body_for(&asked.model));
        let back = back.map(|back| back.body_for("a third one")).unwrap_or_default();
        assert_eq!(back, asked.body_for("a third one"), "all but the name stays");
    }
    if let Some(deployment) = Deployment::parse(&asked.model) {
        assert_eq!(deployment.to_string(), *asked.model);
    }
}

/// How a stream of these pieces ends: what goes on, and what it says.
fn watch(dialect: Dialect, pieces: &[&[u8]]) -> (Vec<u8>, bool, bool, Option<String>, Option<Fault>) {
    let (mut watch, mut out) = (Watch::new(dialect, 2, LIMIT), Vec::new());
    let fault = pieces.iter().find_map(|piece| {
        let fed = watch.feed(piece).err();
        out.extend_from_slice(&watch.take());
        fed
    });
    if fault.is_none() {
        watch.finish();
        out.extend_from_slice(&watch.take());
    }
    (out, watch.has_begun(), watch.is_complete(), watch.failure().map(str::to_owned), fault)
}
