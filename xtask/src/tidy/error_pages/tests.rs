use super::{TABLE, check, rows};
use crate::repository::Repository;

const CODES: &str = r#"
    ($name:ident = $id:literal;)
    Internal = "T-0001", "internal", 500, -32603, 1, "Something went wrong";

    Busy = "T-0211", "busy", 503, -32010, 7,
        "Too much at once";
    // See "T-0000" for more.
"#;
const PAGE: &str =
    "# T-0001: Something went wrong\n\n## What it means\nA.\n\n## Why it happens\n- B.\n\n## What to do\n- C.\n";

fn messages(pages: &[(&str, &str)]) -> Vec<String> {
    let busy = PAGE.replace("T-0001: Something went wrong", "T-0211: Too much at once");
    let mut files = vec![(TABLE, CODES), ("docs/errors/T-0211.md", busy.as_str())];
    files.extend(pages);
    check(&Repository::of(&files)).into_iter().map(|finding| finding.message).collect()
}

#[test]
fn rows_are_read_whether_they_take_one_line_or_two() {
    let found: Vec<_> = rows(CODES).into_iter().map(|row| (row.id, row.summary, row.line)).collect();
    let row = |id: &str, summary: &str, line| (id.to_owned(), summary.to_owned(), line);
    assert_eq!(found, [row("T-0001", "Something went wrong", 3), row("T-0211", "Too much at once", 5)]);
}

#[test]
fn a_page_of_the_right_shape_is_fine() {
    assert!(messages(&[("docs/errors/T-0001.md", PAGE)]).is_empty());
}

#[test]
fn missing_pages_and_orphans_are_found() {
    assert_eq!(messages(&[]), ["T-0001 has no page docs/errors/T-0001.md"]);
    let found = messages(&[("docs/errors/T-0001.md", PAGE), ("docs/errors/T-0002.md", PAGE)]);
    assert_eq!(found, ["no code in crates/base/src/code.rs has this page"]);
}

#[test]
fn heading_sections_and_content_are_checked() {
    let found = |page: &str| messages(&[("docs/errors/T-0001.md", page)]);
    assert_eq!(found(&PAGE.replace("went", "goes")), ["the first heading is not `# T-0001: Something went wrong`"]);
    assert_eq!(found(&PAGE.replace("- B.", "")), ["`## Why it happens` says nothing"]);
    let sections = "the sections are not ## What it means, ## Why it happens, ## What to do";
    assert_eq!(found(&PAGE.replace("## What to do", "## Next")), [sections]);
}
