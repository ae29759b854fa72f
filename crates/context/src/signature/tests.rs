use super::line;

#[test]
fn tool_is_one_line() {
    for (json, expected) in [
        (r#"{"name":"n"}"#, "n()"),
        (
            r#"{"description":"Reads a file. Then more.\nAnd more.","inputSchema":{"type":"object"}}"#,
            "n(): Reads a file.",
        ),
        (
            r#"{"description":"Gets e.g. version 1.2 of it (cf. a.b). More","inputSchema":{"required":["b"],"properties":{"a":{"type":"string"},"b":{"type":"integer"}}}}"#,
            "n(b:integer, a?:string): Gets e.g. version 1.2 of it (cf. a.b).",
        ),
        (
            r#"{"inputSchema":{"properties":{"a":{"type":"array","items":{"type":"string"}},"b":{"type":["string","null"]},"c":{"anyOf":[{"type":"integer"},{"type":"null"}]},"d":{},"e":{"enum":["x",1]},"f":{"type":"array"},"g":{"$ref":"\#/x"}}}}"#,
            r#"n(a?:string[], b?:string, c?:integer, d?:any, e?:"x"|1, f?:any[], g?:any)"#,
        ),
        (r#"{"title":"A title","inputSchema":[]}"#, "n(): A title"),
        (r#"{"description":"  ","annotations":{"title":"Hinted"},"title":"T"}"#, "n(): Hinted"),
        (r#"{"description":"读取文件。然后"}"#, "n(): 读取文件。"),
    ] {
        assert_eq!(line("n", &json.replace("\\#", "#")), expected, "{json}");
    }
}

#[test]
fn a35_characters_that_nobody_sees_are_written_out() {
    let json =
        r#"{"description":"Adds.\u200b\u202e two","inputSchema":{"properties":{"a\u200d\n":{"type":"x\u001b[2J"}}}}"#;
    let line = line("n\nm", json);
    assert_eq!(line, r"n\u{a}m(a\u{200d}\u{a}?:x\u{1b}[2J): Adds.\u{200b}\u{202e} two");
}

#[test]
fn a38_line_is_short_however_much_a_server_says() {
    let many: Vec<String> =
        (0..500).map(|number| format!(r#""p{number}":{{"enum":["{}"]}}"#, "x".repeat(500))).collect();
    let json = format!(
        r#"{{"description":"{}","inputSchema":{{"properties":{{{}}}}}}}"#,
        "word ".repeat(10_000),
        many.join(",")
    );
    let line = line(&"n".repeat(1000), &json);
    assert!(line.chars().count() < 1500, "{}", line.len());
    assert!(line.contains("488 more"), "{line}");
    let deep = format!(
        r#"{{"inputSchema":{{"properties":{{"a":{}{{}}{}}}}}}}"#,
        r#"{"type":"array","items":"#.repeat(100),
        "}".repeat(100)
    );
    assert!(super::line("n", &deep).len() < 100);
}

#[test]
fn a38_arguments_without_number_are_no_work_without_end() {
    let names: Vec<String> = (0..20_000).map(|number| format!(r#""p{number}""#)).collect();
    let properties: Vec<String> = names.iter().map(|name| format!("{name}:{{}}")).collect();
    let (properties, required) = (properties.join(","), names.join(","));
    let json = format!(r#"{{"inputSchema":{{"properties":{{{properties}}},"required":[{required}]}}}}"#);
    assert!(line("n", &json).ends_with("19988 more)"));
}
