use super::{Form, Template};
use crate::Spot;
use base::Code;
use serde_json::{Map, Value, json};

fn template(text: &str) -> Template {
    Template::of_text(text, Spot::default()).unwrap()
}

fn context() -> Map<String, Value> {
    let value = json!({
        "params": {"topic": "trees", "count": 3},
        "steps": {"search": {"output": {"hits": [{"name": "a"}, {"name": "b"}]}}},
    });
    value.as_object().unwrap().clone()
}

#[test]
fn one_expression_keeps_its_type_and_text_does_not() {
    let render = |text: &str| template(text).render(&context()).unwrap();
    assert_eq!(render("{{ steps.search.output.hits }}"), json!([{"name": "a"}, {"name": "b"}]));
    assert_eq!(render(" {{- params.count -}} "), json!(3));
    assert_eq!(render("{{ params.count }} of {{ params.topic }}"), json!("3 of trees"));
    assert_eq!(render("{{ params.topic | upper }}"), json!("TREES"));
    assert_eq!(render("no template"), json!("no template"));
    assert_eq!(template("{{ params.count }}").form, Form::Value);
    assert_eq!(template("{{ a }}{{ b }}").form, Form::Text);
}

#[test]
fn a_value_is_never_read_as_a_template() {
    let mut context = context();
    context.insert("evil".to_owned(), json!("{{ params.topic }}{% include 'x' %}"));
    let rendered = template("said: {{ evil }}").render(&context).unwrap();
    assert_eq!(rendered, json!("said: {{ params.topic }}{% include 'x' %}"));
}

#[test]
fn what_is_used_is_known_with_its_members() {
    let uses = |text: &str| template(text).uses();
    assert_eq!(uses("{{ steps.a.output.x }} {{ params.topic }}"), ["params.topic", "steps.a.output.x"]);
    assert_eq!(uses("{% for hit in steps.a.output %}{{ hit.name }} {{ loop.index }}{% endfor %}"), ["steps.a.output"]);
    assert_eq!(uses("{% set x = steps.a.output %}{{ x.y }}"), ["steps.a.output"]);
    assert_eq!(uses("{{ range(3) }}"), Vec::<String>::new());
    assert_eq!(uses("{{ steps['a'] }}"), ["steps"]);
    assert_eq!(uses("{{ steps.a.output[0].name }}"), ["steps.a.output"]);
}

#[test]
fn conditions_hold_as_python_has_it() {
    let holds = |text: &str| Template::of_expression(text, Spot::default()).unwrap().holds(&context()).unwrap();
    assert!(holds("params.count > 2"));
    assert!(holds("{{ params.topic == 'trees' }}"));
    assert!(holds("steps.search.output.hits"));
    assert!(!holds("[]") && !holds("0") && !holds("''") && !holds("none") && !holds("{}") && !holds("false"));
    assert!(!template("{% if params.count > 5 %}true{% endif %}").holds(&context()).unwrap());
}

#[test]
fn what_is_missing_or_too_much_fails_with_a_code() {
    let wide = "{% for a in range(9000) %}{% for b in range(9000) %}x{% endfor %}{% endfor %}";
    let long = "{{ 'xxxxxxxxxxxxxxxx' * 1000000 }}";
    for text in ["{{ params.none.x }}", "{{ none_such }}", "a {{ none_such }}", "{{ params.topic / 2 }}", wide, long] {
        let error = template(text).render(&context()).unwrap_err();
        assert_eq!(error.code(), Code::WorkflowEvaluation, "{text}");
    }
    assert!(Template::of_text(&"x{{ a }}".repeat(20_000), Spot::default()).is_err());
    assert!(
        Template::of_text(&format!("{{{{ {}1{} }}}}", "(".repeat(5_000), ")".repeat(5_000)), Spot::default()).is_err()
    );
}
