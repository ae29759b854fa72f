use super::Toolset;
use crate::acting::Acting;
use base::Code;
use base::config::{Problems, yaml};
use base::environment::Environment;
use base::ports::ModelTools;
use serde_json::{Map, Value, json};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use tools::Hub;
use tools::builtin::{Answer, Local};
use tools::config::{Surroundings, Transport, Typed};
use workflow::Effect;
use workflow::approval::Approvals;

/// The tools of the shop.
const TOOLS: [&str; 5] = ["look", "reserve", "pay", "note", "wipe"];

/// A shop, which keeps what was called.
#[derive(Default)]
pub(crate) struct Shop(Mutex<Vec<String>>);

impl Local for Shop {
    fn describe(&self) -> Value {
        json!({"serverInfo": {"name": "shop", "version": "1"}, "capabilities": {"tools": {}}})
    }

    fn tools(&self) -> Vec<Value> {
        let tool = |name: &str, annotations: Value| {
            let schema = json!({"type": "object"});
            json!({"name": name, "description": name, "inputSchema": schema, "annotations": annotations})
        };
        vec![
            tool("look", json!({"readOnlyHint": true})),
            tool("reserve", json!({"readOnlyHint": false, "idempotentHint": true})),
            tool("pay", json!({})),
            tool("note", json!({"destructiveHint": false})),
            tool("wipe", json!({"destructiveHint": true})),
        ]
    }

    fn call(self: Arc<Self>, tool: String, _: Map<String, Value>) -> Answer {
        self.0.lock().unwrap().push(tool);
        Box::pin(async { Ok(r#"{"content":[{"type":"text","text":"done"}]}"#.to_owned()) })
    }
}

/// A hub with the shop.
pub(crate) async fn hub(shop: &Arc<Shop>) -> Hub {
    let document = yaml("tutti.yaml", "shop: { builtin: prompts }\n").unwrap();
    let surroundings = Surroundings {
        environment: Environment::from_pairs([("", ""); 0], Path::new("/")),
        folder: "/".into(),
        supervisor: None,
    };
    let problems = Problems::new();
    let node = &document.root.get("shop").unwrap().node;
    let typed = Typed { name: "shop", node, file: "tutti.yaml", fault: None };
    let mut settings = tools::config::read(&problems, &[typed], None, &surroundings);
    assert_eq!(problems.into_result(), Ok(()));
    let Transport::Within(within) = &mut settings.servers[0].transport else { panic!("it is within") };
    within.local = Some(Arc::clone(shop) as Arc<dyn Local>);
    let db = store::Db::memory().await.unwrap();
    let hub = Hub::open(db, None, None, telemetry::Telemetry::new("1"), None, None).await.unwrap();
    hub.apply(settings).await.unwrap();
    hub
}

fn acting() -> Acting {
    let client = tools::Caller {
        era: mcp::Era::Legacy,
        version: mcp::version::LATEST_LEGACY,
        number: 1,
        capabilities: "{}".into(),
        level: None,
        headers: mcp::parameter::Headers::default(),
        principal: "ada".into(),
        owner: tools::results::Owner::Session(1),
        session: None,
        toll: None,
    };
    let models = llm::Caller::local("ada".into());
    Acting { views: vec![tools::hub::DEFAULT_VIEW.to_owned()], everything: true, client, models }
}

async fn offered(tools: &Toolset) -> Vec<String> {
    tools.offer("", 100).await.unwrap().into_iter().map(|tool| tool.name).collect()
}

#[tokio::test]
async fn a_model_is_neither_lent_nor_let_call_a_tool_that_wants_an_approval() {
    let shop = Arc::<Shop>::default();
    let hub = hub(&shop).await;
    let all = ["mcp://shop/*".to_owned()];
    let effects = |effects: &[Effect]| Approvals { effects: effects.to_vec(), ..Approvals::default() };
    let named = |tool: &str| Approvals { tools: vec![format!("mcp://shop/{tool}")], ..Approvals::default() };
    let destructive = Approvals { destructive: true, ..Approvals::default() };
    let cases: [(Option<Approvals>, &[&str]); 7] = [
        (None, &TOOLS),
        (Some(Approvals::default()), &TOOLS),
        // What says nothing may destroy, what only reads does not.
        (Some(destructive), &["look", "note"]),
        (Some(effects(&[Effect::Unsafe])), &["look", "reserve"]),
        (Some(effects(&[Effect::Idempotent, Effect::Unsafe])), &["look"]),
        (Some(named("look")), &["reserve", "pay", "note", "wipe"]),
        (Some(named("*")), &[]),
    ];
    for (approvals, lent) in cases {
        let tools = Toolset::of(&hub, &acting(), &all, approvals.as_ref());
        let mut wanted: Vec<String> = lent.iter().map(|name| format!("shop__{name}")).collect();
        let mut found = offered(&tools).await;
        wanted.sort();
        found.sort();
        assert_eq!(found, wanted, "{approvals:?}");
        for tool in TOOLS {
            shop.0.lock().unwrap().clear();
            let tools = Toolset::of(&hub, &acting(), &all, approvals.as_ref());
            let answer = tools.call(&format!("shop__{tool}"), "{}").await;
            let may = lent.contains(&tool);
            assert_eq!(answer.as_ref().err().map(base::Error::code), (!may).then_some(Code::UnknownTool), "{tool}");
            assert_eq!(shop.0.lock().unwrap().len(), usize::from(may), "what is refused reaches nobody");
            assert_eq!(tools.called().load(Ordering::Relaxed), may);
            if let Err(error) = answer {
                assert!(error.next().contains("a step of its own"), "{error}");
            }
        }
    }
}

#[tokio::test]
async fn a_model_is_lent_what_its_step_names_and_no_more() {
    let shop = Arc::<Shop>::default();
    let hub = hub(&shop).await;
    let tools = Toolset::of(&hub, &acting(), &["mcp://shop/look".to_owned()], None);
    assert_eq!(offered(&tools).await, ["shop__look"]);
    assert_eq!(tools.call("shop__pay", "{}").await.unwrap_err().code(), Code::UnknownTool);
    assert!(shop.0.lock().unwrap().is_empty());
}
