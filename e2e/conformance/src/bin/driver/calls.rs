//! The calls through the hub: whatever the server has is listed, called and read once.

use crate::answers::Client;
use crate::hub::Hub;
use crate::{Scenario, samples};
use anyhow::{Context, Result};
use rmcp::model::{
    CallToolRequestParams, GetPromptRequestParams, JsonObject, ProtocolVersion, ReadResourceRequestParams,
};
use rmcp::service::RunningService;
use rmcp::transport::{StreamableHttpClientTransport, streamable_http_client::StreamableHttpClientTransportConfig};
use rmcp::{ClientLifecycleMode, ClientServiceExt, RoleClient};
use serde_json::Value;
use std::time::Duration;

/// How long all calls together may take.
const LIMIT: Duration = Duration::from_secs(60);

/// Makes the calls. What a server refuses is told and is no failure: whether it should have is for the suite to say.
pub(crate) async fn make(hub: &Hub, scenario: &Scenario) -> Result<()> {
    tokio::time::timeout(LIMIT, all(hub, scenario)).await.context("the calls take too long")?
}

async fn all(hub: &Hub, scenario: &Scenario) -> Result<()> {
    let client = connect(hub, scenario).await?;
    let tools = client.list_all_tools().await.context("cannot list the tools")?;
    let schema = |name: &str| {
        let tool = tools.iter().find(|tool| tool.name == name);
        tool.map(|tool| Value::Object(tool.input_schema.as_ref().clone())).unwrap_or_default()
    };
    let wanted = scenario.context["toolCalls"].as_array().map(|calls| {
        let call = |call: &Value| {
            (call["name"].as_str().unwrap_or_default().to_owned(), call["arguments"].as_object().cloned())
        };
        calls.iter().map(call).collect::<Vec<_>>()
    });
    let wanted = wanted.unwrap_or_else(|| tools.iter().map(|tool| (tool.name.to_string(), None)).collect());
    for (name, arguments) in wanted {
        let mut arguments: JsonObject = arguments.unwrap_or_else(|| samples::object(&schema(&name)));
        // This one shows the server the schema of its other tool, as it has come through.
        if name == "json_schema_echo" {
            arguments.insert("schema".to_owned(), schema("json_schema_2020_12_tool"));
        }
        let answer = client.call_tool(CallToolRequestParams::new(name.clone()).with_arguments(arguments)).await;
        eprintln!("{name}: {answer:?}");
    }
    others(&client).await;
    client.cancel().await.context("the session cannot be ended")?;
    Ok(())
}

/// Resources and prompts; a server need not have any.
async fn others(client: &RunningService<RoleClient, Client>) {
    for resource in client.list_all_resources().await.unwrap_or_default() {
        let answer = client.read_resource(ReadResourceRequestParams::new(resource.uri.clone())).await;
        eprintln!("{}: {answer:?}", resource.uri);
    }
    for prompt in client.list_all_prompts().await.unwrap_or_default() {
        let answer = client.get_prompt(GetPromptRequestParams::new(prompt.name.clone())).await;
        eprintln!("{}: {answer:?}", prompt.name);
    }
}

async fn connect(hub: &Hub, scenario: &Scenario) -> Result<RunningService<RoleClient, Client>> {
    let config = StreamableHttpClientTransportConfig::with_uri(hub.view());
    let transport = StreamableHttpClientTransport::from_config(config);
    let lifecycle = if scenario.is_modern {
        ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] }
    } else {
        ClientLifecycleMode::Initialize
    };
    Client.serve_with_lifecycle(transport, lifecycle).await.context("the hub opens no session")
}
