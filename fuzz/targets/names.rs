//! Names of tools and addresses of resources: clients take them, and each leads back to where it came from.

use super::input;
use std::borrow::Cow;
use tools::naming::{self, Naming};

pub(crate) fn feed(data: &[u8]) {
    let Some([upstream, one, other]) = input::texts(data) else { return };
    let _ = (naming::original_uri(one), Naming::Prefixed.unlisted(one), naming::is_tool_name(one));
    if naming::fault(upstream).is_some() {
        return;
    }
    let exposed = naming::exposed(upstream, one);
    assert!(naming::is_tool_name(&exposed), "clients do not take {exposed}");
    assert!(exposed.starts_with(upstream) && exposed.split_once(naming::SEPARATOR).is_some());
    // Only what another name was changed to has the name of the other: a clash, of which a view serves neither.
    let is_left =
        |tool: &str| exposed.strip_prefix(upstream).and_then(|rest| rest.strip_prefix(naming::SEPARATOR)) == Some(tool);
    let is_one = exposed == naming::exposed(upstream, other);
    assert!(if one == other { is_one } else { !is_one || is_left(one) != is_left(other) }, "two tools, one name");
    assert_eq!(exposed, Naming::Prefixed.name(upstream, one));
    match naming::exposed_uri(upstream, one) {
        Cow::Borrowed(page) => assert!(page == one && page.starts_with("ui://")),
        Cow::Owned(address) => assert_eq!(naming::original_uri(&address), Some((upstream, one)), "address"),
    }
}
