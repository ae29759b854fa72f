use super::*;
use proptest::prelude::*;

/// A form of these parts, each of its headers and its content.
fn form(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut body = String::new();
    for (head, content) in parts {
        body.push_str(&format!("--b\r\n{head}\r\n\r\n{content}\r\n"));
    }
    format!("{body}--b--\r\n").into_bytes()
}

fn field(name: &str) -> String {
    format!("Content-Disposition: form-data; name=\"{name}\"")
}

fn read(parts: &[(&str, &str)]) -> Result<Form, Fault> {
    Form::read(&form(parts), "b")
}

#[test]
fn forms_of_the_sdks_are_read() {
    let file = "content-disposition: form-data; name=\"file\"; filename=\"a;b \u{fc}.mp3\"\r\nContent-Type: audio/mpeg";
    let body = form(&[
        (&field("model"), "whisper-1"),
        (&field("timestamp_granularities[]"), "word"),
        (&field("timestamp_granularities[]"), "segment"),
        (&field("response_format"), "srt"),
        (&field("stream"), "true"),
        (&field("n"), "3"),
        (file, "\0\u{ff}\r\n-\r\n--\r\n"),
    ]);
    let found = Form::read(&body, "b").unwrap();
    assert_eq!((found.model.as_str(), &body[found.place.clone()]), ("whisper-1", &b"whisper-1"[..]));
    assert_eq!((found.stream, found.answers, found.plain), (true, 3, true));
    assert_eq!((found.files, found.others.len()), (1, 2));
    let odd = "Content-Length: 2\r\ncontent-disposition:form-data;name=model\r\ncontent-type: text/plain; charset=UTF-8\r\n\
               Content-Transfer-Encoding: 8bit\r\nX-More: x";
    assert_eq!(read(&[(odd, "m1")]).unwrap().model, "m1");
}

#[test]
fn what_could_be_read_in_two_ways_is_refused() {
    let model = field("model");
    let twice = format!("{model}\r\n{}", field("x"));
    let file = |name: &str| format!("Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"");
    let cases: Vec<(Vec<(String, &str)>, &str)> = vec![
        (vec![(model.clone(), "a"), (model.clone(), "b")], "twice"),
        (vec![(model.clone(), "a"), (field("Model"), "b")], "take for"),
        (vec![(model.clone(), "a"), (field("model[]"), "b")], "take for"),
        (vec![(model.clone(), "a"), (field("_charset_"), "utf-16")], "how it is read"),
        (vec![(model.clone(), "a"), (field("N"), "9")], "take for"),
        (vec![(model.clone(), "a"), (field("n"), " 9")], "is none"),
        (vec![(field("x"), "a")], "names no `model`"),
        (vec![(model.clone(), "")], "none can be named"),
        (vec![(model.clone(), "a\nb")], "none can be named"),
        (vec![(format!("{model}; filename=\"m.txt\""), "a")], "a file as"),
        (vec![(format!("{model}; filename*=UTF-8''m"), "a")], "a file as"),
        (vec![(format!("{model}; name=\"x\""), "a")], "two names"),
        (vec![(format!("{model}; name*=utf-8''x"), "a")], "not known"),
        (vec![(twice, "a")], "twice"),
        (vec![(field("mod\\el"), "a")], "can be none"),
        (vec![(field("mod%65l"), "a")], "can be none"),
        (vec![(format!("{model}\r\nContent-Type: text/plain; charset=utf-16"), "a")], "no plain text"),
        (vec![(format!("{model}\r\nContent-Type: application/json"), "a")], "no plain text"),
        (vec![(format!("{model}\r\nContent-Transfer-Encoding: base64"), "YQ==")], "encoded"),
        (vec![(format!("{model}\r\nContent-Length: 9"), "a")], "longer or shorter"),
        (vec![(format!("{model}\r\nContent-Length: +1"), "a")], "no number"),
        (vec![(format!("{model}\r\n folded: x"), "a")], "name can be none"),
        (vec![(format!("{model}\r\nx"), "a")], "colon"),
        (vec![(file("a\"; name=\"model"), "a")], "two names"),
        (vec![(file("a\\\"; name=\"model"), "a")], "backslash"),
        (vec![(file("a\r\nContent-Disposition: form-data; name=\"model\""), "a")], "header of a part twice"),
        (vec![(file("a\r\nX: "), "a")], "does not end"),
        (vec![(file("a\nContent-Disposition: form-data; name=model"), "a")], "control"),
        (vec![(model.clone(), "a"), (field("x"), "\n--b\n\ny")], "where no part begins"),
        (vec![(model.clone(), "a"), (field("x"), "y--by")], "where no part begins"),
        (vec![(model, "a"), (field("x"), "y\r\n--b \r\n")], "where no part begins"),
        (vec![("Content-Disposition: attachment; name=\"model\"".to_owned(), "a")], "no field"),
        (vec![("Content-Type: text/plain".to_owned(), "a")], "without a name"),
    ];
    for (parts, why) in cases {
        let parts: Vec<(&str, &str)> = parts.iter().map(|(head, content)| (&**head, *content)).collect();
        let fault = read(&parts).expect_err(why);
        assert!(fault.contains(why), "{parts:?}: {fault}");
    }
}

#[test]
fn frames_are_held_to() {
    let whole = form(&[(&field("model"), "a")]);
    let text = String::from_utf8(whole.clone()).unwrap();
    assert!(Form::read(&whole, "b").is_ok());
    assert!(Form::read(text.trim_end().as_bytes(), "b").is_ok(), "the last line needs no end");
    for (body, why) in [
        (format!("\r\n{text}"), "does not begin"),
        (format!("preamble\r\n{text}"), "does not begin"),
        (format!("{text}epilogue"), "goes on"),
        (text.replace("\r\n", "\n"), "where no part begins"),
        (text.replace("--b--", ""), "cut off"),
        (text[..text.len() - 8].to_owned(), "cut off"),
        ("--b\r\nx: y\r\n--b--".to_owned(), "without headers"),
        ("--b\r\n\r\nx\r\n--b--".to_owned(), "without headers"),
        ("--b--".to_owned(), "names no"),
    ] {
        let fault = Form::read(body.as_bytes(), "b").expect_err(why);
        assert!(fault.contains(why), "{body:?}: {fault}");
    }
    let many = vec![(field("x"), "1"); 300];
    let many: Vec<(&str, &str)> = many.iter().map(|(head, content)| (&**head, *content)).collect();
    assert_eq!(read(&many), Err("has too many parts"));
    let long = format!("{}\r\nx: {}", field("model"), "y".repeat(9000));
    assert!(read(&[(&long, "a")]).is_err());
}

#[test]
fn boundaries_are_read_in_one_way() {
    let fine = [
        ("multipart/form-data; boundary=abc", "abc"),
        ("Multipart/Form-Data;charset=utf-8;BOUNDARY=\"a:b\"", "a:b"),
        (
            "multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW",
            "----WebKitFormBoundary7MA4YWxkTrZu0gW",
        ),
    ];
    for (kind, found) in fine {
        assert_eq!(boundary(kind.as_bytes()), Ok(found));
    }
    let long = format!("multipart/form-data; boundary={}", "x".repeat(71));
    for kind in [
        "",
        "multipart/form-data",
        "multipart/mixed; boundary=a",
        "multipart/form-data; boundary=a; boundary=b",
        "multipart/form-data; boundary=\"\"",
        "multipart/form-data; boundary=\"a b\"",
        "multipart/form-data; boundary=a b",
        "multipart/form-data; boundary=\"a\\\"b\"",
        "multipart/form-data; boundary",
        "multipart/form-data, boundary=a",
        &long,
    ] {
        assert!(boundary(kind.as_bytes()).is_err(), "{kind}");
    }
}

proptest! {
    #[test]
    fn one_field_is_exchanged_and_all_else_stays(
        before in proptest::collection::vec(any::<u8>(), 0..200), name in "[a-z0-9/:.]{1,20}", other in "[a-z0-9/:. ü]{1,20}"
    ) {
        let mut body = format!("--b\r\n{}; filename=\"f\"\r\n\r\n", field("file")).into_bytes();
        body.extend_from_slice(&before);
        body.extend_from_slice(format!("\r\n--b\r\n{}\r\n\r\n{name}\r\n--b--", field("model")).as_bytes());
        prop_assume!(memmem::find(&before, b"--b").is_none());
        let form = Form::read(&body, "b").unwrap();
        prop_assert_eq!(&form.model, &name);
        let swapped = [&body[..form.place.start], other.as_bytes(), &body[form.place.end..]].concat();
        let again = Form::read(&swapped, "b").unwrap();
        prop_assert_eq!(&again.model, &other);
        prop_assert_eq!((again.files, again.file_bytes), (1, before.len() as u64));
        let back = [&swapped[..again.place.start], name.as_bytes(), &swapped[again.place.end..]].concat();
        prop_assert_eq!(back, body);
    }

    #[test]
    fn nothing_makes_it_panic(body in proptest::collection::vec(any::<u8>(), 0..300), kind in ".{0,60}") {
        let _ = Form::read(&body, "b");
        let _ = boundary(kind.as_bytes());
    }
}
