use super::*;

#[test]
fn names_with_underscores_are_known_by_those_in_camel_case() {
    let same = [("max_output_tokens", "maxOutputTokens"), ("top_p", "topP"), ("inline_data", "inlineData")];
    for (found, camel) in same {
        assert!(is_snake_of(found, camel), "{found}");
        assert_eq!(snake(camel), found);
    }
    let others =
        [("text", "text"), ("maxOutputTokens", "maxOutputTokens"), ("top_", "topP"), ("top_pp", "topP"), ("", "topP")];
    for (found, camel) in others {
        assert!(!is_snake_of(found, camel), "{found}");
    }
}

#[test]
fn members_come_back_as_they_were_spelled() {
    let text = r#"{"top_k":"40","topP":0.50,"the_list":{"a":1},"otherName":null,"un_known":1}"#;
    let mut members = Members::of(Object::read(text).unwrap());
    let (top_k, top_p) = (members.number("topK").unwrap(), members.number("topP").unwrap());
    let list: Vec<String> = members.list("theList").unwrap().unwrap().into_iter().map(str::to_owned).collect();
    assert_eq!(members.text("otherName").unwrap(), None);
    let extra = members.rest();
    let mut out = Spelled::new(Some(&extra));
    out.number_if("topK", top_k.as_ref()).number_if("topP", top_p.as_ref()).list("theList", &list);
    let mut losses = Losses::new();
    assert_eq!(
        out.finish("x", &mut losses),
        r#"{"top_k":"40","topP":0.50,"the_list":{"a":1},"un_known":1,"otherName":null}"#
    );
    assert!(losses.is_empty());
}
