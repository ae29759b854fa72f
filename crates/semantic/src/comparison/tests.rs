use super::*;
use proptest::prelude::*;

fn compared(one: &str, other: &str) -> Comparison {
    let (one, other) = (Reading::of(one).unwrap(), Reading::of(other).unwrap());
    let there = compare(&one, &other);
    assert_eq!(there, compare(&other, &one), "the order of the two does not matter");
    there
}

#[test]
fn white_space_around_a_text_is_nothing() {
    for (one, other) in [
        ("Show me the weather in Paris", " Show me the weather in Paris\n"),
        ("Wie ist das Wetter in Köln", "Wie ist das Wetter in Köln "),
    ] {
        assert_eq!(compared(one, other), Comparison::Same, "{one} / {other}");
    }
    assert_eq!(compared("Wie ist es?", "wie ist es?"), Comparison::Different(Difference::Language));
}

#[test]
fn the_same_words_are_left_to_answers() {
    for (one, other) in [
        ("Show me the weather in Paris", "please get the weather in Paris."),
        ("Show me the weather in Paris", "show me the  weather in Paris"),
        ("What's the weather in Paris?", "what\u{2019}s the weather in Paris?"),
        ("How many tickets were sold on 2026-07-04?", "How many tickets were sold on July 4, 2026?"),
        ("Find the issues that aren't closed", "find the issues that are not closed"),
        ("What is the class of: a good film!", "What is the class of: a good film"),
        ("What is the class of: a good film, loved it", "What is the class of: some movie that people adored as good"),
    ] {
        let found = compared(one, other);
        assert_eq!(found, Comparison::Different(Difference::Notation), "{one} / {other}");
        assert!(found.is_open());
    }
}

#[test]
fn what_changes_the_answer_is_seen() {
    use Difference::*;
    for (one, other, why) in [
        ("Show the first 10 users", "Show the first 100 users", Value),
        ("What is the weather in Bremen on 3 May", "What is the weather in Bremen on 4 May", Value),
        ("Is it open on Friday?", "Is it open on Saturday?", Value),
        ("Find usages of get_user_by_id in the code", "Find usages of get_user_by_name in the code", Value),
        ("What changed between v1.8.0 and v1.9.0?", "What changed between v1.9.0 and v1.8.0?", Value),
        ("Is it going to rain in Bremen this weekend?", "Is it going to rain in Bergen this weekend?", Name),
        ("Forward the message of Lucia to Emil", "Forward the message of Emil to Lucia", Name),
        ("List the tests that failed", "List the tests that passed", Sign),
        ("Show pods that are ready", "Show pods that aren't ready", Sign),
        ("How many miles are 42 kilometres?", "How many kilometres are 42 miles?", Name),
        ("List the signed contracts", "List the unsigned contracts", Sign),
        ("the cheapest flight to Rome", "the shortest flight to Rome", Sign),
        ("Find mail from Anna", "Find mail to Anna", Direction),
        ("When is the meeting with Theo?", "Where is the meeting with Theo?", Question),
        ("Did it rain in Rome?", "Will it rain in Rome?", Sign),
        ("Search for \"time out\" in the titles", "Search for \"timed out\" in the titles", Quotation),
        ("Put the red box on the blue table", "Put the blue box on the red table", Order),
        ("Are peanuts safe for dogs to eat?", "Are peanuts safe for cats to eat?", Word),
        ("What happens to committed changes in a crash?", "In a crash, what happens to uncommitted changes?", Sign),
        ("How do I install the tool with root?", "How do I install the tool w/o root?", Sign),
        ("Search contents, not the names, for garden", "Search the names, not contents, for garden", Sign),
        ("birch pollen zurich", "grass pollen zurich", Language),
        ("Wie ist das Wetter in Köln?", "Wie ist das Wetter in Bonn?", Language),
    ] {
        assert_eq!(compared(one, other), Comparison::Different(why), "{one} / {other}");
    }
}

/// Each of these pairs asks for two things, to whoever answers; nothing has been learned yet.
#[test]
fn what_may_change_an_answer_is_the_same_only_when_answers_show_it() {
    for (one, other) in [
        ("How many items are in this list: red, green blue", "How many items are in this list: red, green, blue"),
        ("Sort: b a; c", "Sort: b, a c"),
        ("Does this Python run?\nif x:\n  a()\n  b()", "Does this Python run?\nif x:\n  a()\nb()"),
        ("Is this valid YAML?\na:\n  b: c", "Is this valid YAML?\na: b: c"),
        ("How many lines are these\none\ntwo", "How many lines are these\none two"),
        ("No, stop now", "No stop now"),
        ("Delete all files.", "Delete all files?"),
        ("Delete all files", "Delete all files!"),
        ("Correct the articles: I saw the cat in the hat", "Correct the articles: I saw cat in hat"),
        ("Which band is the better one, the Who or The Band", "Which band is better one, Who or Band"),
        ("What is the last word of: I love you please", "What is the last word of: I love you"),
        ("Tell me how to say please", "Tell me how to say"),
        ("Fetch the dog", "display the dog"),
        ("Get dressed quickly for the show", "show dressed quickly for the show"),
        ("Give me a table", "Display a table"),
        ("Can you show me mercy?", "show mercy"),
        ("Put commas in: yes I do", "Put commas in: yes, I do"),
        ("Turkey news", "turkey news"),
        ("Turkey and its news of the week", "turkey and its news of the week"),
        ("Will and the art of the deal", "will and the art of the deal"),
        ("Is 'get' a verb", "is get a verb"),
        ("Is it cannot or can not", "Is it can't or can not"),
        ("Is 3 May 2026 how the standard writes it?", "Is 2026-05-03 how the standard writes it?"),
        ("How do I write 12,500 in words", "How do I write 12500 in words"),
        ("Which is the full form of ten km", "Which is the full form of 10 kilometres"),
        ("What is wrong with the end of this. He ran.", "What is wrong with the end of this. He ran"),
        ("Count the words of: a  b", "Count the words of: a b"),
        ("Find the file a.", "Find the file a.."),
        ("show the files in .", "show the files in "),
        ("What does the word in \u{2018}the\u{2019} mean", "What does the word in 'the' mean"),
        ("Translate: Maria, kommst du?", "Translate: Maria kommst du."),
        ("Sie kommen morgen", "sie kommen morgen"),
    ] {
        assert_ne!(compared(one, other), Comparison::Same, "{one} / {other}");
        assert_ne!(compared(one, other), Comparison::Reworded, "their likeness says nothing: {one} / {other}");
    }
}

#[test]
fn other_words_are_left_to_the_vectors() {
    for (one, other) in [
        (
            "Is there any mention of patents in the license file?",
            "Do any license terms mention patents? Is there a clause?",
        ),
        (
            "What does the connection pooling of the database do?",
            "Explain how the database handles pooled client links",
        ),
    ] {
        let found = compared(one, other);
        assert!(!matches!(found, Comparison::Same), "{one} / {other}: {found:?}");
    }
    assert_eq!(
        compared("What is the size of the payments table?", "What is the disk space that the payments relation takes?"),
        Comparison::Reworded
    );
}

#[test]
fn long_texts_and_empty_ones_are_not_read() {
    assert_eq!(Reading::of(&"word ".repeat(500)), None);
    assert_eq!(Reading::of("  "), None);
}

proptest! {
    #[test]
    fn a_text_is_the_same_as_itself(text in "\\PC{1,200}") {
        prop_assume!(!text.trim().is_empty());
        prop_assert_eq!(compared(&text, &text), Comparison::Same);
    }

    #[test]
    fn other_numbers_are_never_the_same(a in 0u32..100_000, b in 0u32..100_000, words in "(show|the|errors|of|host|with|port){1,6}") {
        prop_assume!(a != b);
        let (one, other) = (format!("what is {words} {a}"), format!("what is {words} {b}"));
        prop_assert_eq!(compared(&one, &other), Comparison::Different(Difference::Value));
    }

    #[test]
    fn any_two_texts_are_compared(one in "\\PC{1,100}", other in "\\PC{1,100}") {
        prop_assume!(!one.trim().is_empty() && !other.trim().is_empty());
        compared(&one, &other);
    }
}
