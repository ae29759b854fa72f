//! The section `telemetry` of the configuration, and the variables that programs with OpenTelemetry have in common.

use crate::export::Target;
use crate::log::{Format, Log};
use base::config::{Node, Problems, Section};
use base::environment::Environment;
use base::{Code, Secret};
use std::net::SocketAddr;
use std::time::Duration;

/// What the configuration and the environment say.
#[derive(Clone, Default)]
pub struct Settings {
    /// Where numbers and traces are sent, if anywhere.
    pub export: Option<Export>,
    /// How the log is written.
    pub log: Log,
    /// An address of its own for `/metrics`.
    pub listen: Option<SocketAddr>,
    /// What a person should know, though nothing is wrong.
    pub notices: Vec<String>,
}

/// What is sent, and where.
#[derive(Clone)]
pub struct Export {
    /// Where spans go.
    pub traces: Option<Target>,
    /// Where numbers go.
    pub metrics: Option<Target>,
    /// The share of traces that begin here which is recorded, in 0..=1.
    pub share: f64,
    /// How often numbers are sent.
    pub interval: Duration,
    /// Attributes of the process.
    pub resource: Vec<(String, String)>,
}

/// How often numbers are sent unless something else is said (specification of the SDK, `OTEL_METRIC_EXPORT_INTERVAL`).
const INTERVAL: Duration = Duration::from_secs(60);

/// What the section `otlp` says.
#[derive(Default)]
struct Typed {
    endpoint: Option<String>,
    headers: Vec<(String, Secret<String>)>,
    traces: Option<bool>,
    metrics: Option<bool>,
    share: Option<f64>,
    interval: Option<Duration>,
}

/// Reads the section and the variables. What is wrong in the section is pushed to `problems`; what is wrong in a variable,
/// which may be meant for another program, is a notice.
pub fn read(problems: &Problems, typed: Option<(&Node, &str)>, environment: &Environment) -> Settings {
    let mut settings = Settings::default();
    let mut otlp = Typed::default();
    if let Some((node, file)) = typed
        && let Some(mut section) = Section::new(problems, file, "telemetry", node)
    {
        if let Some(mut part) = section.section("otlp") {
            otlp = read_otlp(&mut part);
            if let Some(url) = &otlp.endpoint
                && let Err(fault) = Target::new(url, &otlp.headers)
            {
                let next = "write it as http://host:4318, with credentials under `headers`".to_owned();
                let message = format!("`telemetry.otlp.endpoint`, with its headers, {fault}");
                part.problem("endpoint", Code::ConfigInvalidValue, message, next);
                otlp.endpoint = None;
            }
            part.finish();
        }
        if let Some(mut part) = section.section("log") {
            settings.log = read_log(&mut part);
            part.finish();
        }
        if let Some(mut part) = section.section("metrics") {
            settings.listen = listen(&mut part);
            part.finish();
        }
        section.finish();
    }
    settings.export = export(otlp, environment, &mut settings.notices);
    settings
}

fn read_otlp(section: &mut Section<'_>) -> Typed {
    let second = Duration::from_secs(1);
    let share = section.text("sample").and_then(|text| {
        let share = text.parse::<f64>().ok().filter(|share| (0.0..=1.0).contains(share));
        if share.is_none() {
            let next = "write for example `sample: 0.1` for one trace in ten".to_owned();
            let message = "`telemetry.otlp.sample` is no share, a number from 0 to 1".to_owned();
            section.problem("sample", Code::ConfigInvalidValue, message, next);
        }
        share
    });
    let headers = section.text_map("headers").unwrap_or_default();
    Typed {
        endpoint: section.text("endpoint").filter(|endpoint| !endpoint.is_empty()),
        headers: headers.into_iter().map(|(name, value)| (name, Secret::new(value))).collect(),
        traces: section.boolean("traces"),
        metrics: section.boolean("metrics"),
        share,
        interval: section.duration("interval", second..=second * 3600),
    }
}

fn read_log(section: &mut Section<'_>) -> Log {
    let format = section.choice("format", &[("text", Format::Text), ("json", Format::Json)]).unwrap_or_default();
    let level = section.text("level").filter(|level| !level.is_empty());
    let known = level.as_deref().is_none_or(crate::log::is_filter);
    if !known {
        let next = "write one of error, warn, info, debug, trace".to_owned();
        let message = "`telemetry.log.level` is no level".to_owned();
        section.problem("level", Code::ConfigInvalidValue, message, next);
    }
    Log { format, level: level.filter(|_| known) }
}

fn listen(section: &mut Section<'_>) -> Option<SocketAddr> {
    let text = section.text("listen")?;
    let address = text.parse().ok();
    if address.is_none() {
        let next = "write for example `listen: 127.0.0.1:9464`".to_owned();
        let message = "`telemetry.metrics.listen` is no address with a port".to_owned();
        section.problem("listen", Code::ConfigInvalidValue, message, next);
    }
    address
}

/// Joins what was typed with the variables; what was typed wins.
fn export(typed: Typed, environment: &Environment, notices: &mut Vec<String>) -> Option<Export> {
    let variable = |name: &str| environment.get(name).map(str::trim).filter(|value| !value.is_empty());
    if variable("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return None;
    }
    let foreign = typed.endpoint.is_none();
    let speaks = variable("OTEL_EXPORTER_OTLP_PROTOCOL").is_none_or(|protocol| protocol == "http/protobuf");
    let mut headers = typed.headers;
    if foreign {
        headers.extend(
            pairs(variable("OTEL_EXPORTER_OTLP_HEADERS").unwrap_or_default())
                .map(|(name, value)| (name, Secret::new(value))),
        );
    }
    let mut target = |signal: &str, wanted: Option<bool>| {
        let own = variable(&format!("OTEL_EXPORTER_OTLP_{}_ENDPOINT", signal.to_ascii_uppercase()));
        let base = typed.endpoint.as_deref().or(variable("OTEL_EXPORTER_OTLP_ENDPOINT"));
        // The address of one signal stands as it is; the common one gets the signal's path (OTLP exporter, "Endpoint URLs").
        let url = match (own.filter(|_| foreign), base) {
            (Some(own), _) => own.to_owned(),
            (None, Some(base)) => format!("{}/v1/{signal}", base.trim_end_matches('/')),
            (None, None) => return None,
        };
        if wanted == Some(false) {
            return None;
        }
        if foreign && !speaks {
            notices.push(format!("no {signal} are sent: OTEL_EXPORTER_OTLP_PROTOCOL is not http/protobuf"));
            return None;
        }
        let made = Target::new(&url, &headers);
        made.map_err(|fault| notices.push(format!("no {signal} are sent: the address in the environment {fault}"))).ok()
    };
    let (traces, metrics) = (target("traces", typed.traces), target("metrics", typed.metrics));
    if traces.is_none() && metrics.is_none() {
        return None;
    }
    let milliseconds = variable("OTEL_METRIC_EXPORT_INTERVAL").and_then(|value| value.parse().ok());
    let interval = milliseconds.filter(|value| *value >= 100).map(Duration::from_millis);
    let share = match variable("OTEL_TRACES_SAMPLER") {
        Some("always_off" | "parentbased_always_off") => 0.0,
        Some("traceidratio" | "parentbased_traceidratio") => {
            let share = variable("OTEL_TRACES_SAMPLER_ARG").and_then(|value| value.parse::<f64>().ok());
            share.filter(|share| (0.0..=1.0).contains(share)).unwrap_or(1.0)
        }
        _ => 1.0,
    };
    Some(Export {
        traces,
        metrics,
        share: typed.share.unwrap_or(share),
        interval: typed.interval.or(interval).unwrap_or(INTERVAL),
        resource: resource(variable("OTEL_SERVICE_NAME"), variable("OTEL_RESOURCE_ATTRIBUTES").unwrap_or_default()),
    })
}

/// The attributes of the process: its own, and those of the environment, of which none may stand twice.
fn resource(name: Option<&str>, attributes: &str) -> Vec<(String, String)> {
    use crate::names::attribute::SERVICE;
    let mut all: Vec<(String, String)> = Vec::new();
    for (key, value) in pairs(attributes).take(64) {
        match all.iter_mut().find(|(known, _)| *known == key) {
            Some((_, earlier)) => *earlier = value,
            None => all.push((key, value)),
        }
    }
    if name.is_some() || !all.iter().any(|(key, _)| key == SERVICE) {
        all.retain(|(key, _)| key != SERVICE);
        all.push((SERVICE.to_owned(), name.unwrap_or("tutti").to_owned()));
    }
    all
}

/// `name=value` pairs behind each other with commas, the values percent-encoded (W3C Baggage without properties).
fn pairs(text: &str) -> impl Iterator<Item = (String, String)> + '_ {
    text.split(',').filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let name = name.trim();
        (!name.is_empty()).then(|| (name.to_owned(), decode(value.trim())))
    })
}

/// Text without percent-encoding. What is no encoding stays.
fn decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let digits = behind.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| *first == b'%');
        out.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &behind[2..] } else { behind };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests;
