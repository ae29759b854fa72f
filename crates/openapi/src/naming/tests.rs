use super::{arguments, tools};
use crate::parameter::Place;

#[test]
fn tools_are_named_after_what_they_are() {
    let one = |method, path, id| tools(&[(method, path, id)]).remove(0);
    assert_eq!(one("GET", "/pets", Some("listPets")), "listPets");
    assert_eq!(one("GET", "/pets", Some("repos/list-for user")), "repos_list-for_user");
    assert_eq!(one("GET", "/pets/{petId}/toys.json", None), "get_pets_petId_toys_json");
    assert_eq!(one("POST", "/", None), "post_root");
    assert_eq!(one("GET", "/x", Some("取得")), "get_x");
    assert_eq!(one("GET", "/x", Some("__a")), "__a");
}

#[test]
fn arguments_have_names_that_services_take() {
    let (names, body) = arguments(
        &[
            (Place::Header, "id"),
            (Place::Query, "id"),
            (Place::Path, "id"),
            (Place::Query, "body"),
            (Place::Query, "$top"),
            (Place::Query, "!!"),
        ],
        true,
    );
    assert_eq!(names, ["header_id", "query_id", "id", "body", "top", "query"]);
    assert_eq!(body.as_deref(), Some("request_body"));
    let long = "x".repeat(100);
    let (names, _) =
        arguments(&[(Place::Query, &long), (Place::Header, &long), (Place::Header, &format!("{long}y"))], false);
    assert!(names.iter().all(|name| name.len() <= 64), "{names:?}");
    assert!(names[0] != names[1] && names[1] != names[2] && names[0] != names[2], "{names:?}");
}
