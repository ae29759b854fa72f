//! `GenerateContentResponse`, whole.

use super::part::PartWriter;
use super::spelling::{Members, Spelled};
use super::{OWN, content, finish, usage};
use conversation::answer::{Answer, Finish, Reply};
use conversation::extra::Extra;
use conversation::fault::Fault;
use conversation::item::{Item, Opaque};
use conversation::json::Raw;
use conversation::loss::{Losses, Written};
use conversation::object::Object;

/// What a candidate beside the first is called in [`Opaque::kind`].
pub(super) const CANDIDATE: &str = "candidate";
/// Notes: how `candidates`, a candidate's `content` and its `index` were written.
pub(super) const CANDIDATES: &str = "candidates-as-written";
const CONTENT_ABSENT: &str = "content-absent";
pub(super) const INDEX: &str = "index-as-written";
const EMPTY: &str = "empty";
pub(super) const ABSENT: &str = "absent";

/// A candidate as it was read.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) items: Vec<Item>,
    pub(super) finish: Option<String>,
    pub(super) extra: Extra,
}

pub(super) fn read(body: &str) -> Result<Answer, Fault> {
    let mut members = Members::of(Object::read_leniently(body)?);
    let mut answer =
        Answer { id: members.text("responseId")?, model: members.text("modelVersion")?, ..Answer::default() };
    answer.usage = members.object("usageMetadata")?.map(|members| usage::read(members, None));
    let candidates = members.list("candidates")?;
    let (is_absent, is_empty) = (candidates.is_none(), candidates.as_ref().is_some_and(Vec::is_empty));
    let mut inner = None;
    for (number, text) in candidates.unwrap_or_default().into_iter().enumerate() {
        let first = (number == 0).then(|| members.element(text).ok()).flatten();
        let Some(candidate) = first else {
            answer.items.push(other(text));
            continue;
        };
        let Candidate { items, finish, extra } = read_candidate(candidate)?;
        let calls = items.iter().any(|item| matches!(item, Item::ToolCall(_)));
        answer.finish = finish.map(|word| finish::read(&word, calls));
        answer.items.extend(items);
        inner = Some(extra);
    }
    if answer.finish.is_none() && inner.is_none() {
        answer.finish = block_reason(&members).map(|word| finish::blocked(&word));
    }
    answer.extra = members.rest();
    if let Some(inner) = inner {
        answer.extra.keep_inner("candidate", inner);
    }
    if is_absent || is_empty {
        answer.extra.note(CANDIDATES, if is_empty { EMPTY } else { ABSENT });
    }
    Ok(answer)
}

/// A candidate beside the first.
pub(super) fn other(text: &str) -> Item {
    Item::Opaque(Opaque::new(OWN, CANDIDATE, Raw::of_valid(text)))
}

/// Why the prompt was not let through, if it was not.
pub(super) fn block_reason(members: &Members<'_>) -> Option<String> {
    let feedback = Object::read(members.peek("promptFeedback")?).ok()?;
    feedback.peek_text("blockReason")
}

/// Reads a candidate, whatever it is.
pub(super) fn read_candidate(mut candidate: Members<'_>) -> Result<Candidate, Fault> {
    let finish = candidate.text("finishReason")?;
    let index = candidate.value("index");
    let text = candidate.peek("content").map(str::to_owned);
    let mut items = Vec::new();
    let mut inner = None;
    match candidate.object("content").map(|content| content.map(content::read)) {
        Ok(Some(Ok(content))) => {
            let mut extra = content.extra;
            content::note_role(&mut extra, content.role.as_deref());
            (items, inner) = (content.items, Some(extra));
        }
        Ok(None) => {}
        _ => items.extend(text.as_deref().map(content::unread)),
    }
    let mut extra = candidate.rest();
    match inner {
        Some(inner) => extra.keep_inner("content", inner),
        None => extra.note(CONTENT_ABSENT, ""),
    }
    if let Some(index) = index {
        extra.note(INDEX, index.as_str());
    }
    Ok(Candidate { items, finish, extra })
}

pub(super) fn write(answer: &Answer, reply: &Reply) -> Written {
    let mut losses = Losses::new();
    let mut parts = Vec::new();
    let mut others = Vec::new();
    let mut writer = PartWriter::of_answer();
    for item in &answer.items {
        match item {
            Item::Opaque(opaque) if opaque.dialect == OWN && opaque.kind == CANDIDATE => {
                others.push(opaque.raw.as_str().to_owned());
            }
            _ => writer.write(item, &mut parts, &mut losses),
        }
    }
    let mut head = Head::of(answer, reply);
    head.usage = answer.usage.as_ref().map(|usage| usage::write(usage, &mut losses));
    let candidate = answer.extra.inner(OWN, "candidate");
    let noted = answer.extra.noted(OWN, CANDIDATES);
    let mut candidates = Vec::new();
    if noted.is_none() {
        candidates.push(write_candidate(&parts, answer.finish.as_ref(), candidate, &mut losses));
    }
    candidates.append(&mut others);
    let listed = (noted != Some(ABSENT)).then_some(candidates.as_slice());
    let body = head.write(listed, Some(&answer.extra), &mut losses);
    Written { body, losses }
}

/// A candidate with these parts, spelled as the first one was.
pub(super) fn write_candidate(
    parts: &[String],
    finish: Option<&Finish>,
    extra: Option<&Extra>,
    losses: &mut Losses,
) -> String {
    let mut candidate = Spelled::new(extra);
    let noted = |name: &str| extra.and_then(|extra| extra.noted(OWN, name));
    if !parts.is_empty() || noted(CONTENT_ABSENT).is_none() {
        let inner = extra.and_then(|extra| extra.inner(OWN, "content"));
        let role = content::noted_role(inner);
        candidate.raw("content", &content::write(Some(role.unwrap_or("model")), parts, inner, losses));
    }
    candidate.text_if("finishReason", finish.map(|finish| finish::write(finish, losses)));
    candidate.raw_if("index", noted(INDEX).or_else(|| extra.is_none().then_some("0")));
    candidate.finish("answer", losses)
}

/// What stands around the candidates, in a whole answer and in each event of a stream.
#[derive(Debug, Default)]
pub(super) struct Head {
    pub(super) id: Option<String>,
    pub(super) model: Option<String>,
    pub(super) usage: Option<String>,
}

impl Head {
    /// An answer that was read in this dialect says what it said; another gets an id and a model.
    fn of(answer: &Answer, reply: &Reply) -> Self {
        Self::new(answer.id.clone(), answer.model.clone(), answer.extra.is_from(OWN), reply)
    }

    pub(super) fn new(id: Option<String>, model: Option<String>, own: bool, reply: &Reply) -> Self {
        let (made_id, made_model) = (reply.id.clone(), reply.request.model.clone());
        Self {
            id: id.or_else(|| (!own).then_some(made_id)),
            model: model.or_else(|| (!own).then_some(made_model)),
            usage: None,
        }
    }

    pub(super) fn write(&self, candidates: Option<&[String]>, extra: Option<&Extra>, losses: &mut Losses) -> String {
        let mut out = Spelled::new(extra);
        if let Some(candidates) = candidates {
            out.list("candidates", candidates);
        }
        out.raw_if("usageMetadata", self.usage.as_deref());
        out.text_if("modelVersion", self.model.as_deref());
        out.text_if("responseId", self.id.as_deref());
        out.finish("answer", losses)
    }
}
