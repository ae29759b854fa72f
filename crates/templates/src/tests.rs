use crate::{Failure, Fault, environment, render};
use minijinja::{ErrorKind, UndefinedBehavior, context};

/// What `source` makes in so much room.
fn made(source: &str, fuel: u64, room: usize) -> Result<String, Failure> {
    let mut environment = environment(UndefinedBehavior::Strict, fuel);
    environment.add_template("part", "{{ part }}\n{{ missing }}").unwrap();
    environment.add_template_owned("own", source.to_owned()).unwrap();
    render(&environment.get_template("own").unwrap(), context! { value => "<{{ 1 }}>" , part => 1 }, room)
}

fn fault(source: &str) -> Fault {
    match made(source, 1_000, 1_000).unwrap_err() {
        Failure::Failed(error) => Fault::within(&error),
        Failure::TooMuch => panic!("{source} makes too much"),
    }
}

#[test]
fn values_are_put_in_as_they_are() {
    assert_eq!(made("a {{ value }}", 1_000, 1_000).unwrap(), "a <{{ 1 }}>");
}

#[test]
fn what_a_template_makes_and_does_has_an_end() {
    assert_eq!(made("12345", 1_000, 5).unwrap(), "12345");
    assert!(matches!(made("123456", 1_000, 5), Err(Failure::TooMuch)));
    assert!(matches!(made("{% for one in range(10000) %}x{% endfor %}", 1_000_000, 5), Err(Failure::TooMuch)));
    let endless = made("{% for one in range(10000) %}{% endfor %}", 1_000, 5);
    assert!(matches!(endless, Err(Failure::Failed(error)) if error.kind() == ErrorKind::OutOfFuel));
    let within_itself = made("{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}", 1_000_000, 5);
    assert!(matches!(within_itself, Err(Failure::Failed(_))));
}

#[test]
fn faults_have_the_line_and_the_template_where_they_arose() {
    let own = fault("\n\n{{ missing }}");
    assert_eq!((own.line, own.name.as_deref()), (3, Some("own")));
    let part = fault("\n\n\n{% include 'part' %}");
    assert_eq!((part.line, part.name.as_deref()), (2, Some("part")));
    assert!(fault("{{ value.x.y }}").why.starts_with("undefined value"), "{}", own.why);
    let long = fault(&format!("{{{{ value | default_{} }}}}", "x".repeat(1_000)));
    assert_eq!(long.why.chars().count(), 300);
}
