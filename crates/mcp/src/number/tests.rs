use super::{address_needed, for_client, own};
use crate::{Era, Method, raw};
use base::Code;

const MODERN: &str = "2026-07-28";
const LATEST: &str = "2025-11-25";
const OLD: &str = "2025-06-18";

#[test]
fn h15_numbers_by_version() {
    let (read, call) = (&Method::ResourcesRead, &Method::ToolsCall);
    let table = [
        // A resource that is not there.
        (-32002, read, Era::Legacy, LATEST, -32002),
        (-32002, read, Era::Legacy, MODERN, -32602),
        (-32602, read, Era::Modern, LATEST, -32002),
        (-32002, read, Era::Modern, OLD, -32002),
        (-32602, read, Era::Modern, MODERN, -32602),
        (-32002, read, Era::Modern, MODERN, -32602),
        (-32602, read, Era::Legacy, LATEST, -32602),
        // Elsewhere these mean what the server says.
        (-32002, call, Era::Legacy, MODERN, -32002),
        (-32602, call, Era::Modern, LATEST, -32602),
        // Addresses that the user has to visit.
        (-32042, call, Era::Legacy, LATEST, -32042),
        (-32042, call, Era::Legacy, OLD, -32603),
        (-32042, call, Era::Legacy, "2024-11-05", -32603),
        // Numbers of the modern era.
        (-32020, call, Era::Modern, LATEST, -32603),
        (-32021, call, Era::Modern, OLD, -32603),
        (-32022, call, Era::Modern, LATEST, -32603),
        (-32020, call, Era::Modern, MODERN, -32020),
        (-32021, call, Era::Modern, MODERN, -32021),
        (-32021, call, Era::Legacy, MODERN, -32603),
        (-32022, call, Era::Legacy, LATEST, -32022),
        // What servers choose themselves.
        (-32000, call, Era::Modern, LATEST, -32000),
        (7, call, Era::Legacy, MODERN, 7),
    ];
    for (number, method, upstream, client, expected) in table {
        let error = format!(r#"{{ "message":"m\u0061", "code":{number},"data":{{"code":-32002}},"x":1.0 }}"#);
        let wanted = format!(r#"{{ "message":"m\u0061", "code":{expected},"data":{{"code":-32002}},"x":1.0 }}"#);
        assert_eq!(for_client(&error, method, upstream, client), wanted, "{number} {method:?} {upstream:?} {client}");
    }
    assert_eq!(for_client("{}", call, Era::Modern, LATEST), "{}");
}

#[test]
fn h15_addresses_are_a_capability_in_the_modern_era() {
    for error in [r#"{"code":-32042,"message":"m"}"#, r#"{"code":-32042,"message":"m","data":{"elicitations":[]}}"#] {
        let new = address_needed(error);
        assert_eq!(raw::get(&new, "code"), Some("-32021"));
        assert!(raw::at(&new, &["data", "requiredCapabilities", "elicitation", "url"]).is_some(), "{new}");
        assert_eq!(raw::at(&new, &["data", "elicitations"]).is_some(), error.contains("elicitations"));
    }
}

#[test]
fn h15_own_numbers_by_version() {
    assert_eq!((own(Code::UnknownResource, Era::Legacy), own(Code::UnknownResource, Era::Modern)), (-32002, -32602));
    for code in Code::ALL {
        let modern_only = (-32099..=-32020).contains(&own(*code, Era::Legacy));
        assert!(!modern_only, "{code} has a number that no legacy client knows");
        let absent = [Era::Legacy, Era::Modern].map(|era| own(*code, era) == -32002);
        let legacy_too = code == &Code::UnknownResource;
        assert_eq!(absent, [legacy_too, false], "{code} has a number that says that a resource is not there");
    }
}
