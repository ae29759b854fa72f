use super::{File, gather};

fn file(path: &str, text: &str) -> File {
    File { path: path.to_owned(), text: text.to_owned() }
}

#[test]
fn partials_belong_to_the_prompts_of_their_folder() {
    let files = [
        file("p/b.md", "---\n---\n{% include \"tone\" %}"),
        file("p/_tone.md", "Be {% include 'how' %}."),
        file("p/_how.md", "kind"),
        file("p/_unused.md", "never"),
        file("p/a.md", "---\n---\nplain"),
    ];
    let prompts = gather(&files).unwrap();
    assert_eq!(prompts.iter().map(|prompt| prompt.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(prompts[1].bundle.partials.keys().collect::<Vec<_>>(), ["how", "tone"]);
    assert_eq!(prompts[1].render(&Default::default()).unwrap()[0].text, "Be kind.");
    let errors = gather(&[file("q/b.md", "---\n---\nx\n{% include 'tone' %}"), files[1].clone()]).unwrap_err();
    assert_eq!(errors[0].location().map(|place| (place.file.as_str(), place.line)), Some(("q/b.md", 4)));
}

#[test]
fn two_files_cannot_be_one_prompt() {
    let files = [file("a.md", "---\nname: x\n---\n1"), file("b.md", "---\nname: x\n---\n2")];
    assert!(gather(&files).unwrap_err()[0].message().contains("another file has a prompt `x`"));
}

#[test]
fn partials_that_include_each_other_end() {
    let files = [
        file("a.md", "---\n---\n{% include 'b' %}"),
        file("_b.md", "{% include 'c' %}"),
        file("_c.md", "{% include 'b' %}"),
    ];
    let prompts = gather(&files).unwrap();
    assert_eq!(prompts[0].render(&Default::default()).unwrap_err()[0].code(), base::Code::PromptTemplate);
}

#[test]
fn the_examples_are_prompts_and_a_suite_for_them() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/prompts");
    let read = |name: &str| base::disk::read_text(&folder.join(name), 1 << 16).unwrap();
    let files =
        ["summary.md", "_tone.md"].map(|name| file(&format!("prompts/{name}"), &read(&format!("prompts/{name}"))));
    let prompts = gather(&files).unwrap();
    let suite = crate::suite::Suite::read("suite.yaml", &read("suite.yaml")).unwrap();
    assert_eq!((prompts.len(), prompts[0].name.as_str()), (1, suite.prompt.as_str()));
    for case in &suite.cases {
        assert_eq!(prompts[0].render(&case.arguments).unwrap().len(), 2, "{}", case.name);
    }
}
