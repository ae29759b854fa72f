use super::meant;
use base::Code;
use base::ports::KeptTurn;

#[test]
fn a_turn_is_meant_by_its_handle_or_number_and_nothing_else_is_found() {
    let kept = [("ab", 3), ("cd", 4)].map(|(handle, number)| KeptTurn { number, handle: handle.to_owned() });
    for (arguments, number) in [
        (r#"{"handle":" cd "}"#, Ok(4)),
        (r#"{"handle":"ab","turn":4}"#, Ok(3)),
        (r#"{"handle":null,"turn":3}"#, Ok(3)),
        (r#"{"turn":" 4 "}"#, Ok(4)),
        (r#"{"turn":5}"#, Err(Code::MemoryUnknown)),
        (r#"{"handle":"a"}"#, Err(Code::MemoryUnknown)),
        (r#"{"turn":-3}"#, Err(Code::InvalidParams)),
        ("{}", Err(Code::InvalidParams)),
        ("[", Err(Code::InvalidParams)),
    ] {
        let found = meant(arguments, &kept).map(|kept| kept.number).map_err(|error| error.code());
        assert_eq!(found, number, "{arguments}");
    }
}
