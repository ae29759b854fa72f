use super::*;
use base::config::yaml;
use std::path::Path;

fn settings(text: &str, variables: &[(&str, &str)]) -> Result<Settings, Vec<String>> {
    let document = yaml("tutti.yaml", text).unwrap();
    let problems = Problems::new();
    let environment = Environment::from_pairs(variables.iter().copied(), Path::new("/"));
    let node = document.root.get("telemetry").map(|entry| (&entry.node, "tutti.yaml"));
    let settings = read(&problems, node, &environment);
    let texts = |errors: Vec<base::Error>| errors.iter().map(ToString::to_string).collect();
    problems.into_result().map(|()| settings).map_err(texts)
}

fn places(settings: &Settings) -> (Option<&str>, Option<&str>) {
    let export = settings.export.as_ref();
    let place = |target: fn(&Export) -> Option<&Target>| export.and_then(target).map(Target::place);
    (place(|export| export.traces.as_ref()), place(|export| export.metrics.as_ref()))
}

#[test]
fn nothing_is_sent_unless_it_is_said_where() {
    let read = settings("listen: 1", &[("OTEL_SERVICE_NAME", "x")]).unwrap();
    assert!(read.export.is_none() && read.notices.is_empty());
    assert_eq!(read.log, Log::default());
}

#[test]
fn all_keys_are_read() {
    let text = "
telemetry:
  otlp: { endpoint: 'http://collector:4318/', headers: { x-key: secret }, metrics: false, sample: 0.25, interval: 10s }
  log: { format: json, level: 'info,tools=debug' }
  metrics: { listen: '127.0.0.1:0' }
";
    let read = settings(text, &[]).unwrap();
    assert_eq!(places(&read), (Some("collector:4318"), None));
    let export = read.export.unwrap();
    assert_eq!((export.share, export.interval), (0.25, Duration::from_secs(10)));
    assert_eq!(read.log, Log { format: Format::Json, level: Some("info,tools=debug".to_owned()) });
    assert_eq!(read.listen, Some(([127, 0, 0, 1], 0).into()));
}

#[test]
fn the_environment_fills_in_what_the_file_leaves_out() {
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://here:4318"),
        ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://there:9090/api/v1/otlp/v1/metrics"),
        ("OTEL_SERVICE_NAME", "my hub"),
        ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test,team=a%20b,service.name=no"),
        ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "0.5"),
    ];
    let read = settings("telemetry: { otlp: {} }", &variables).unwrap();
    assert_eq!(places(&read), (Some("here:4318"), Some("there:9090")));
    let export = read.export.unwrap();
    assert_eq!(export.share, 0.5);
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let wanted = [pair("deployment.environment.name", "test"), pair("team", "a b"), pair("service.name", "my hub")];
    assert_eq!(export.resource, wanted);
    let text = "telemetry: { otlp: { endpoint: 'http://file:1', sample: 1 } }";
    let read = settings(text, &variables).unwrap();
    assert_eq!(places(&read), (Some("file:1"), Some("file:1")));
    assert_eq!(read.export.unwrap().share, 1.0);
    let off = [variables[0], ("OTEL_SDK_DISABLED", "true")];
    assert!(settings("a: 1", &off).unwrap().export.is_none());
}

#[test]
fn what_another_program_wants_of_the_environment_is_a_notice() {
    for variables in [
        [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4317"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")],
        [("OTEL_EXPORTER_OTLP_ENDPOINT", "nonsense"), ("A", "b")],
        [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://user:hunter2@c"), ("A", "b")],
    ] {
        let read = settings("a: 1", &variables).unwrap();
        assert!(read.export.is_none());
        assert_eq!(read.notices.len(), 2, "one for each signal: {:?}", read.notices);
        assert!(!read.notices.concat().contains("hunter2"), "{:?}", read.notices);
    }
}

#[test]
fn faults_of_the_file_are_errors_that_name_the_key() {
    for (text, named) in [
        ("telemetry: { otel: {} }", "otlp"),
        ("telemetry: { otlp: { endpoint: 'ftp://x' } }", "telemetry.otlp.endpoint"),
        ("telemetry: { otlp: { endpoint: 'http://u:hunter2@x' } }", "telemetry.otlp.endpoint"),
        ("telemetry: { otlp: { endpoint: 'http://x', headers: { a: \"b\\nhunter2\" } } }", "telemetry.otlp.endpoint"),
        ("telemetry: { otlp: { sample: 1.5 } }", "telemetry.otlp.sample"),
        ("telemetry: { otlp: { sample: NaN } }", "telemetry.otlp.sample"),
        ("telemetry: { otlp: { interval: 1ms } }", "telemetry.otlp.interval"),
        ("telemetry: { log: { format: xml } }", "telemetry.log.format"),
        ("telemetry: { log: { level: banana } }", "telemetry.log.level"),
        ("telemetry: { metrics: { listen: here } }", "telemetry.metrics.listen"),
    ] {
        let errors = settings(text, &[]).err().unwrap_or_else(|| panic!("it is wrong: {text}"));
        assert!(errors.concat().contains(named), "{text}: {errors:?}");
        assert!(!errors.concat().contains("hunter2"), "{text}: {errors:?}");
    }
}

#[test]
fn an_attribute_that_the_environment_says_twice_stands_there_once() {
    let twice = "team=a,team=b,service.name=x,service.name=y";
    let variables = [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://here:4318"), ("OTEL_RESOURCE_ATTRIBUTES", twice)];
    let export = settings("telemetry: {}", &variables).unwrap().export.unwrap();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(export.resource, [pair("team", "b"), pair("service.name", "y")]);
}
