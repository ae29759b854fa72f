//! `tutti server login`: a person's consent to what the hub does in their name.

use crate::browser;
use crate::command::{Command, Context, Failures};
use base::{Code, Error, Result};
use clap::{Arg, ArgAction, ArgMatches};
use console::output::{Style, one_line};
use hubs::client::{HubClient, Wanted, path_segment};
use identity::redirect::Landing;
use serde_json::{Value, json};
use std::time::Duration;

/// The command.
pub(super) const COMMAND: Command = Command { arguments, run };

fn arguments() -> clap::Command {
    clap::Command::new("login")
        .about("Log in to a server that wants it (OAuth)")
        .arg(Arg::new("name").value_name("NAME").required(true).help("The server; it has `auth: oauth`"))
        .arg(
            Arg::new("no-browser")
                .long("no-browser")
                .action(ArgAction::SetTrue)
                .help("Print the address and open no browser"),
        )
        .after_help(
            "Example:\n  tutti server login docs\n\n\
             The browser must come back to this machine: over SSH, forward the port that the address names, or set \
             `redirect_port`.\n\
             With --json two lines come: the address at once, and what the server is after the login. No browser is opened.",
        )
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let name = matches.get_one::<String>("name").map_or("", String::as_str);
    let quiet = matches.get_flag("no-browser") || context.output.json;
    let wanted = Wanted { server: Some(name.to_owned()), ..Wanted::default() };
    context.block_on(HubClient::with(context, &wanted, async |client| {
        let described = log_in(context, client, name, quiet).await?;
        report(context, name, &described)
    }))
}

async fn log_in(context: &Context, client: &HubClient, name: &str, quiet: bool) -> Result<Value> {
    let path = format!("/api/v1/servers/{}/login", path_segment(name));
    let standing = client.get(&path).await?;
    let port = standing["redirect_port"].as_u64().and_then(|port| u16::try_from(port).ok()).unwrap_or(0);
    let landing = Landing::open(port).await?;
    let login = client.post_json(&path, &json!({"redirect_uri": landing.address()})).await?;
    let url = login["url"].as_str().unwrap_or_default().to_owned();
    // The hub checked it too, but it is this process that opens it.
    if !(url.starts_with("https://") || url.starts_with("http://")) {
        return Err(Error::new(Code::HubAnswer, "the hub named no web address for the login", "check the hub"));
    }
    show(context, name, &login, &url);
    if !quiet && !browser::open(&context.environment, &url) {
        context.output.message("no browser could be opened: open the address yourself");
    }
    let patience = Duration::from_secs(login["seconds"].as_u64().unwrap_or(600));
    let query = landing.wait(patience).await?.ok_or_else(|| {
        let next = format!("run `tutti server login {name}` again");
        Error::new(Code::LoginExpired, format!("nobody logged in to `{name}` within {patience:?}"), next)
    })?;
    client.post_json(&format!("{path}/finish"), &json!({"query": query})).await
}

/// Says where to go, and what will be asked there.
fn show(context: &Context, name: &str, login: &Value, url: &str) {
    let output = &context.output;
    if output.json {
        output.value(&json!({"name": name, "url": url, "issuer": login["issuer"], "scopes": login["scopes"]}));
        return;
    }
    let issuer = one_line(login["issuer"].as_str().unwrap_or_default(), 200);
    let scopes: Vec<&str> = login["scopes"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let rights = if scopes.is_empty() { String::new() } else { format!(", for {}", one_line(&scopes.join(" "), 400)) };
    output.say(&format!("{name} logs in at {issuer}{rights}. In your browser:\n\n  {url}\n"));
}

/// Says how the server is, now that it has a token.
fn report(context: &Context, name: &str, described: &Value) -> Result<u8, Failures> {
    let output = &context.output;
    let error = hubs::client::coded(&described["error"]);
    if output.json {
        output.value(&json!({
            "name": name,
            "state": described["state"],
            "tools": described["tools"],
            "error": described["error"],
        }));
        return Ok(error.map_or(0, |error| error.code().exit()));
    }
    if let Some(error) = error {
        output.message(&format!("{name}: the login worked, but the server does not"));
        return Err(error.into());
    }
    let done = output.paint(Style::Good, "is logged in");
    output.line(&format!("{} {done}, {} tools", output.paint(Style::Strong, name), described["tools"]));
    Ok(0)
}
