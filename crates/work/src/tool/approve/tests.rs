use super::{Address, Waiting, choose};
use base::Code;
use tools::catalogue::Kind;

/// What is named, and what is chosen.
type Row = (&'static [&'static str], Result<&'static [&'static str], Code>);

fn waiting(all: &[(&str, &str)]) -> Vec<Waiting> {
    let one = |(server, tool): &(&str, &str)| {
        let said = serde_json::json!({"tool": tool, "digest": "00", "why": "new", "after": "{}"});
        Waiting::of(server, &said).unwrap()
    };
    all.iter().map(one).collect()
}

#[test]
fn the_tools_that_are_named_are_chosen_and_no_others() {
    let all = || {
        let mut all = waiting(&[("mail", "send"), ("mail", "read mail"), ("post", "send"), ("post", "stamp")]);
        let both = waiting(&[("mail", "both"), ("mail", "both")]);
        all.splice(2..2, both);
        all[3].kind = Kind::Prompt;
        all
    };
    let rows: [Row; 8] = [
        (
            &[],
            Ok(&[
                "mcp://mail/send",
                "mcp://mail/read mail",
                "mcp://mail/both",
                "mcp://mail/both (prompt)",
                "mcp://post/send",
                "mcp://post/stamp",
            ]),
        ),
        (&["mcp://mail/send"], Ok(&["mcp://mail/send"])),
        (&["post__send", "stamp"], Ok(&["mcp://post/send", "mcp://post/stamp"])),
        (&["mail/read mail"], Ok(&["mcp://mail/read mail"])),
        (&["send"], Err(Code::Usage)),
        (&["mail/stamp"], Err(Code::UnknownTool)),
        // A tool and a prompt of one name.
        (&["mail/both"], Ok(&["mcp://mail/both", "mcp://mail/both (prompt)"])),
        (&["mail/send", "nobody/send"], Err(Code::UnknownTool)),
    ];
    for (named, expected) in rows {
        let addresses: Vec<Address> = named.iter().map(|text| Address::parse(text).unwrap()).collect();
        let chosen = choose(all(), &addresses);
        let chosen = chosen.map(|all| all.iter().map(Waiting::address).collect::<Vec<_>>());
        match expected {
            Ok(expected) => assert_eq!(chosen.unwrap(), expected, "{named:?}"),
            Err(code) => assert_eq!(chosen.unwrap_err().code(), code, "{named:?}"),
        }
    }
}
