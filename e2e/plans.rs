//! Plans of calls: what they do, and that each call in one meets all that a call meets.

mod attacks;
mod commands;
mod rules;

use crate::harness::{Client, Era, Hub, Reply, Setup, trials, trials_of_both_eras};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    let mut tests = trials_of_both_eras!("plans":
        a_plan_uses_results_of_servers_of_both_eras,
        h01_questions_of_its_calls_are_answered,
        h07_cancel_reaches_what_runs_of_it,
        h08_progress_tells_of_its_steps,
        what_fails_is_told_with_its_step,
    );
    tests.extend(trials!("plans":
        what_is_independent_runs_at_once,
        a_list_is_gone_through,
        what_reads_the_same_is_asked_once,
        arguments_that_do_not_fit_are_refused_before_anything_runs,
        views_say_whether_there_are_plans,
        whoever_searches_for_tools_has_plans,
        each_call_is_a_line_of_the_log,
        h31_results_too_large_to_be_answered_stay_readable,
        a_view_that_shortens_results_shortens_those_of_plans,
        answers_say_how_many_tokens_they_save,
    ));
    tests.extend(attacks::tests());
    tests.extend(rules::tests());
    tests.extend(commands::tests());
    tests
}

/// A hub whose view `all` takes plans.
pub(crate) fn planning(flags: &[&str], entry: Value) -> Setup {
    Setup::pair(flags, entry).with("views", json!({"all": {"plans": true}}))
}

pub(crate) async fn run(client: &Client, plan: Value) -> Reply {
    client.call("run_plan", plan).await
}

/// The steps of the answer, by their names.
pub(crate) fn step(reply: &Reply, name: &str) -> Value {
    let steps = reply.structured()["steps"].as_array().cloned().unwrap_or_default();
    let found = steps.into_iter().find(|step| step["name"] == name);
    found.unwrap_or_else(|| panic!("the step {name} is told of: {}", reply.raw))
}

async fn a_plan_uses_results_of_servers_of_both_eras(era: Era) {
    for speaks in ["legacy", "modern"] {
        let hub = planning(&["--era", speaks], json!({})).ready().await;
        let client = hub.client_of(era).await;
        assert!(client.tool_names().await.iter().any(|name| name == "run_plan"));
        let plan = json!({
            "steps": [
                {"name": "one", "tool": "good__add", "arguments": {"a": 1, "b": 2}},
                {"name": "two", "tool": "faulty__add", "arguments": {"a": "$.one.sum", "b": 4}},
                {"name": "say", "tool": "faulty__echo", "arguments": {"message": "it is ${$.two.sum}, not $5"}},
            ],
            "return": {"sum": "$.two.sum", "text": "$.say.message"},
        });
        let reply = run(&client, plan).await;
        let said = reply.structured();
        assert_eq!(said["results"], json!({"sum": 7.0, "text": "it is 7.0, not $5"}), "{speaks}: {}", reply.raw);
        let text: Value = serde_json::from_str(reply.text()).unwrap();
        assert_eq!(&text, said, "clients that know no structured content get the same as text");
        assert_eq!(reply.result()["isError"], Value::Null);
        assert_eq!(reply.result()["resultType"] == "complete", era == Era::Modern, "{}", reply.raw);
    }
}

async fn what_is_independent_runs_at_once() {
    let hub = planning(&[], json!({})).ready().await;
    // The first ends only when the third has run, and that waits for the second, which waits for the first to be there.
    let steps = json!([
        {"name": "held", "tool": "faulty__hold", "arguments": {"name": "x"}},
        {"name": "seen", "tool": "faulty__await_hold", "arguments": {"name": "x"}},
        {"name": "free", "tool": "faulty__release", "arguments": {"name": "x"}, "after": ["seen"]},
    ]);
    let reply = run(&hub.modern(), json!({"steps": steps})).await;
    assert_eq!(reply.structured()["results"]["held"], "held x", "{}", reply.raw);
}

async fn a_list_is_gone_through() {
    let hub = planning(&[], json!({})).ready().await;
    let items = json!({"result": {"content": [], "structuredContent": {"items": [{"n": 1}, {"n": 2}, {"n": 3}]}}});
    let plan = json!({
        "steps": [
            {"name": "list", "tool": "faulty__answer", "arguments": items},
            {"name": "each", "tool": "good__add", "for_each": "$.list.items", "arguments": {"a": "$item.n", "b": "$index"}},
        ],
        "return": "$.each[*].sum",
    });
    let reply = run(&hub.modern(), plan).await;
    assert_eq!(reply.structured()["results"], json!([1.0, 3.0, 5.0]), "{}", reply.raw);
    assert_eq!(step(&reply, "each")["calls"], 3);
}

async fn what_reads_the_same_is_asked_once() {
    let entry = json!({"tools": {"echo": {"cache": {"ttl": "1h"}}}});
    let hub = planning(&[], entry).ready().await;
    let say = |name: &str| json!({"name": name, "tool": "faulty__echo", "arguments": {"message": "x"}});
    let write = |name: &str| json!({"name": name, "tool": "faulty__add", "arguments": {"a": 1, "b": 1}});
    let plan = json!({"steps": [say("one"), say("two"), write("three"), write("four")]});
    let reply = run(&hub.modern(), plan.clone()).await;
    assert_eq!(step(&reply, "two")["same_as"], "one", "{}", reply.raw);
    assert_eq!(reply.structured()["results"]["two"]["message"], "x");
    let reply = run(&hub.modern(), plan).await;
    assert_eq!(step(&reply, "one")["cached"], 1, "the second time nobody is asked: {}", reply.raw);
    let calls = hub.recorded_method("faulty", "tools/call");
    let count = |tool: &str| calls.iter().filter(|call| call["params"]["name"] == tool).count();
    assert_eq!((count("echo"), count("add")), (1, 4), "what may change something is done as often as it is asked for");
}

async fn arguments_that_do_not_fit_are_refused_before_anything_runs() {
    let hub = planning(&[], json!({})).ready().await;
    let plan = json!({"steps": [
        {"name": "fine", "tool": "good__add", "arguments": {"a": 1, "b": 2}},
        {"name": "bad", "tool": "faulty__echo", "arguments": {"message": 5}},
        {"name": "lacks", "tool": "faulty__echo"},
        {"name": "worse", "tool": "good__add", "arguments": {"a": "$.fine.sum", "b": "two"}},
    ]});
    let reply = run(&hub.modern(), plan).await;
    assert_eq!(reply.result()["isError"], true, "{}", reply.raw);
    for part in [
        "step `bad`: `arguments.message`: it must be a text, and is a whole number",
        "step `lacks`: `arguments`: `message` is missing",
        "step `worse`: `arguments.b`: it must be a number, and is a text",
    ] {
        assert!(reply.text().contains(part), "{part}: {}", reply.text());
    }
    for server in ["good", "faulty"] {
        assert!(hub.recorded_method(server, "tools/call").is_empty(), "nothing was begun");
    }
}

async fn h31_results_too_large_to_be_answered_stay_readable() {
    let hub = planning(&[], json!({})).with("plans", json!({"answer": "1KiB"})).ready().await;
    let client = hub.modern();
    let message = format!("{}needle{}", "x".repeat(3000), "y".repeat(3000));
    let plan =
        |message: &str| json!({"steps": [{"name": "a", "tool": "good__echo", "arguments": {"message": message}}]});
    let reply = run(&client, plan(&message)).await;
    assert!(reply.result()["isError"].is_null() && step(&reply, "a")["state"] == "done", "{}", reply.raw);
    let id = reply.structured()["results"]["kept"].as_str().map(str::to_owned).expect("the results are kept");
    assert!(reply.text().contains(&format!("read_result with the id {id}")), "{}", reply.raw);
    let found = client.call("read_result", json!({"id": id, "find": "needle"})).await;
    assert!(found.text().contains("xneedley"), "{}", found.raw);
    assert!(client.tool_names().await.iter().any(|name| name == "read_result"));
}

async fn a_view_that_shortens_results_shortens_those_of_plans() {
    let views = json!({"all": {"plans": true, "context": {"limit": 200}}});
    let hub = Setup::pair(&[], json!({})).with("views", views).ready().await;
    let client = hub.modern();
    let message = "a line\n".repeat(500);
    let plan = json!({"steps": [{"name": "a", "tool": "good__echo", "arguments": {"message": message}}]});
    let reply = run(&client, plan).await;
    let told = &reply.result()["_meta"]["tutti/tokens"];
    let (all, shown) = (told["all"].as_u64().unwrap(), told["shown"].as_u64().unwrap());
    assert!(all > 900 && shown < 400 && told["saved"] == all - shown, "{told}");
    let id = reply.result()["_meta"]["tutti/result"]["id"].as_str().map(str::to_owned).expect("it is shortened");
    assert!(reply.raw.len() < 3000, "{} bytes", reply.raw.len());
    let rest = client.call("read_result", json!({"id": id, "tokens": 20_000})).await;
    assert_eq!(rest.text().matches("a line").count(), 500, "{}", rest.raw);
}

async fn answers_say_how_many_tokens_they_save() {
    let hub = planning(&[], json!({})).ready().await;
    let long = json!({"name": "a", "tool": "good__echo", "arguments": {"message": "a word ".repeat(2000)}});
    let plan = json!({"steps": [long, {"name": "b", "tool": "good__add", "arguments": {"a": 1, "b": 2}}],
        "return": "$.b.sum"});
    let reply = run(&hub.modern(), plan).await;
    let told = &reply.result()["_meta"]["tutti/tokens"];
    let (all, shown) = (told["all"].as_u64().unwrap(), told["shown"].as_u64().unwrap());
    assert!(all > 3900 && shown < 100 && told["saved"] == all - shown && told["family"] == "any", "{told}");
}

async fn whoever_searches_for_tools_has_plans() {
    let views = json!({"found": {"mode": "search"}, "without": {"mode": "search", "plans": false}});
    let setup = Setup::pair(&[], json!({})).with("views", views).with("plans", json!({"answer": "1KiB"}));
    let hub = setup.ready().await;
    let client = hub.modern().at(&hub.at("/mcp/found"));
    let steps = json!([{"name": "a", "tool": "good__echo", "arguments": {"message": "needle".repeat(500)}}]);
    let reply = run(&client, json!({"steps": steps})).await;
    // What is too much is kept, and read with a tool that is not listed for that alone.
    let id = reply.structured()["results"]["kept"].as_str().map(str::to_owned).expect("the results are kept");
    assert!(!client.tool_names().await.contains(&"read_result".to_owned()));
    let arguments = json!({"id": id, "find": "needle"});
    let inside = json!({"name": "read_result", "arguments": arguments});
    for rest in [client.call("call_tool", inside.clone()).await, client.call("read_result", arguments.clone()).await] {
        assert!(rest.text().contains("needle"), "{}", rest.raw);
    }
    let without = hub.modern().at(&hub.at("/mcp/without"));
    assert!(!without.tool_names().await.contains(&"run_plan".to_owned()));
    run(&without, json!({"steps": steps})).await.assert_code(&["T-0305"]);
    without.call("call_tool", inside).await.assert_code(&["T-0305"]);
    without.call("read_result", arguments).await.assert_code(&["T-0305"]);
}

async fn views_say_whether_there_are_plans() {
    let views = json!({"with": {"plans": true, "servers": ["good"]}, "without": {}});
    let mut hub = Setup::pair(&[], json!({})).with("views", views).ready().await;
    let plan = |tool: &str| json!({"steps": [{"name": "a", "tool": tool, "arguments": {"a": 1, "b": 2}}]});
    let with = hub.modern().at(&hub.at("/mcp/with"));
    assert_eq!(run(&with, plan("good__add")).await.structured()["results"]["a"]["sum"], 3.0);
    let reply = run(&with, plan("faulty__add")).await;
    assert!(reply.text().contains("there is no tool `faulty__add` in the view `with`"), "{}", reply.raw);
    let without = hub.modern().at(&hub.at("/mcp/without"));
    run(&without, plan("good__add")).await.assert_code(&["T-0305"]);
    assert!(!without.tool_names().await.contains(&"run_plan".to_owned()));
    hub.reconfigure(|config| config["views"]["without"] = json!({"plans": true}));
    hub.modern().at(&hub.at("/mcp/without"));
    crate::harness::eventually("the view has plans", || async {
        let names = without.tool_names().await;
        if names.contains(&"run_plan".to_owned()) { Ok(()) } else { Err(names.join(" ")) }
    })
    .await;
}

async fn each_call_is_a_line_of_the_log() {
    let hub = planning(&[], json!({})).environment("TUTTI_LOG", "warn,tools=info").ready().await;
    let say = json!({"name": "say", "tool": "good__echo", "arguments": {"message": "a-word-of-the-client"}});
    let bad = json!({"name": "bad", "tool": "faulty__fail", "arguments": {"text": "a-word-of-the-server"}});
    run(&hub.modern(), json!({"name": "weekly", "on_error": "continue", "steps": [say, bad]})).await.result();
    crate::harness::eventually("both calls are told of", || async {
        let log = hub.stderr();
        assert!(!log.contains("a-word-of"), "neither arguments nor results are: {log}");
        let lines = || log.lines().filter(|line| line.contains("a call of a plan has ended"));
        let line = |tool: &str| lines().find(|line| line.contains(tool) && line.contains("weekly"));
        let failed = line("faulty__fail").is_some_and(|line| line.contains("T-0506"));
        let told = failed && line("good__echo").is_some_and(|line| !line.contains("T-"));
        if told && lines().count() == 2 { Ok(()) } else { Err(log) }
    })
    .await;
}

async fn h01_questions_of_its_calls_are_answered(era: Era) {
    for speaks in ["legacy", "modern"] {
        let hub = planning(&["--era", speaks], json!({})).ready().await;
        let client = hub.bare(era).able(&json!({"roots": {}}));
        let client = if era == Era::Legacy { client.shake_hands("2025-11-25").await } else { client };
        let roots = json!({"roots": [{"uri": "file:///home/me", "name": "me"}]});
        let ask = |name: &str| json!({"name": name, "tool": "faulty__ask", "arguments": {"method": "roots/list"}});
        let plan = json!({"steps": [
            ask("one"),
            {"name": "two", "tool": "good__add", "arguments": {"a": 1, "b": 2}, "after": ["one"]},
        ]});
        let answered = client.call_and_answer("run_plan", plan, |_, _| Ok(roots.clone())).await;
        assert_eq!(answered.asked.len(), 1, "{speaks}: {:?}", answered.asked);
        let said = answered.reply.structured()["results"].to_string();
        assert!(said.contains("file:///home/me") && said.contains("\"sum\":3.0"), "{speaks}: {}", answered.reply.raw);
    }
}

async fn h07_cancel_reaches_what_runs_of_it(era: Era) {
    let hub = planning(&[], json!({})).ready().await;
    let client = hub.client_of(era).await;
    let held = |name: &str| json!({"name": name, "tool": "faulty__hold", "arguments": {"name": name}});
    let plan = json!({"steps": [held("one"), held("two"), {"name": "never", "tool": "good__add", "after": ["one"]}]});
    let running = client.start("tools/call", json!({"name": "run_plan", "arguments": plan}));
    for name in ["one", "two"] {
        client.call("faulty__await_hold", json!({"name": name})).await.result();
    }
    match era {
        Era::Legacy => {
            let params = json!({"requestId": running.id});
            assert_eq!(client.notify("notifications/cancelled", params).await.status, 202);
        }
        Era::Modern => drop(running),
    }
    let reply = client.call("faulty__cancelled", json!({"at_least": 2})).await;
    assert_eq!(reply.structured()["cancelled"].as_array().map(Vec::len), Some(2), "{}", reply.raw);
    assert!(hub.recorded_method("good", "tools/call").is_empty(), "nothing more is begun");
}

async fn h08_progress_tells_of_its_steps(era: Era) {
    let hub = planning(&[], json!({})).ready().await;
    let client = hub.client_of(era).await;
    let add = |name: &str, after: &[&str]| json!({"name": name, "tool": "good__add", "arguments": {"a": 1, "b": 2}, "after": after});
    let plan = json!({"steps": [add("one", &[]), add("two", &["one"]), add("three", &["two"])]});
    let params = json!({"name": "run_plan", "arguments": plan, "_meta": {"progressToken": "mine"}});
    let reply = client.request("tools/call", params).await;
    let notes = reply.notifications("notifications/progress");
    let told: Vec<Value> = notes.iter().map(|note| note["params"]["progress"].clone()).collect();
    assert_eq!(told, [json!(1), json!(2), json!(3)], "{notes:?}");
    assert!(notes.iter().all(|note| note["params"]["progressToken"] == "mine" && note["params"]["total"] == 3));
}

async fn what_fails_is_told_with_its_step(era: Era) {
    let hub: Hub = planning(&[], json!({})).ready().await;
    let client = hub.client_of(era).await;
    let fails = json!({"name": "bad", "tool": "faulty__fail", "arguments": {"text": "no such thing"}});
    let needs = json!({"name": "of_bad", "tool": "faulty__echo", "arguments": {"message": "$.bad"}});
    let other = json!({"name": "other", "tool": "good__add", "arguments": {"a": 1, "b": 2}});
    let reply = run(&client, json!({"on_error": "continue", "steps": [fails, needs, other]})).await;
    assert_eq!(reply.result()["isError"], Value::Null, "what was asked for is there in part: {}", reply.raw);
    assert_eq!(reply.structured()["results"]["other"]["sum"], 3.0);
    assert!(step(&reply, "bad")["error"].as_str().unwrap().contains("no such thing"), "{}", reply.raw);
    assert_eq!(
        (&step(&reply, "of_bad")["state"], &step(&reply, "of_bad")["because"]),
        (&json!("skipped"), &json!("bad"))
    );
    let reply = run(&client, json!({"steps": [fails, needs]})).await;
    assert_eq!(reply.result()["isError"], true, "{}", reply.raw);
    let error = json!({"name": "bad", "tool": "faulty__error", "arguments": {"code": 4711, "message": "own words"}});
    let reply = run(&client, json!({"steps": [error]})).await;
    assert!(step(&reply, "bad")["error"].as_str().unwrap().contains("own words"), "{}", reply.raw);
}
