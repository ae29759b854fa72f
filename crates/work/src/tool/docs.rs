//! `tutti tool docs`: the tools of all servers as Markdown, for people.

mod page;

use super::find::{self, Tool};
use base::markdown;
use base::{Result, disk};
use clap::{Arg, ArgMatches};
use hubs::client::{HubClient, Wanted, unknown_server};
use hubs::{Context, Failures};
use serde_json::{Value, json};
use std::path::PathBuf;

/// What it takes.
pub(super) fn arguments() -> clap::Command {
    clap::Command::new("docs")
        .about("Write the documentation of all tools as Markdown")
        .arg(
            Arg::new("out")
                .long("out")
                .value_name("DIR")
                .default_value("-")
                .help("The folder for the pages; - is standard output"),
        )
        .arg(Arg::new("server").long("server").value_name("NAME").help("Only the tools of this server"))
        .arg(super::view())
        .after_help(
            "Examples:\n  tutti tool docs > tools.md\n  tutti tool docs --out docs/tools\n\n\
             What servers say is written as text: no part of it becomes a link, an image or HTML.\n\
             Tools in quarantine are left out.",
        )
}

/// A page of the documentation.
struct Page {
    /// Its file.
    file: String,
    text: String,
}

/// Runs the command.
pub(super) fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let text = |name: &str| matches.get_one::<String>(name).cloned();
    let (out, server, view) = (text("out").unwrap_or_default(), text("server"), text("view"));
    let wanted = Wanted { server: server.clone(), view, ..Wanted::default() };
    context.block_on(HubClient::with(context, &wanted, async |client| {
        let found = find::all(client, true).await?;
        if let Some(name) = &server
            && !found.servers.iter().any(|known| known.name == *name)
        {
            return Err(unknown_server(name, found.servers.iter().map(|known| known.name.as_str())).into());
        }
        let wanted = |tool: &&Tool| server.is_none() || tool.server == server;
        let pages = pages(&found.tools.iter().filter(wanted).collect::<Vec<_>>());
        if out == "-" {
            print(context, &pages);
        } else {
            write(context, &context.environment.working_directory().join(&out), &pages)?;
        }
        let waiting: usize = found.servers.iter().map(|server| server.quarantined.len()).sum();
        if waiting > 0 {
            context.output.message(&format!("note: left out, because they are in quarantine: {waiting}"));
        }
        for server in found.servers.iter().filter(|server| server.is_out()) {
            context.output.message(&format!("note: {} does not work; its tools may be missing", server.name));
        }
        Ok(0)
    }))
}

/// A page for each server, by name; tools of a view whose names do not tell their server have one of their own. The tools of
/// a page are in the order of their names, so that the same tools make the same pages.
fn pages(tools: &[&Tool]) -> Vec<Page> {
    let mut servers: Vec<Option<&str>> = tools.iter().map(|tool| tool.server.as_deref()).collect();
    servers.sort_unstable();
    servers.dedup();
    let page = |server: Option<&str>| {
        let mut own: Vec<&Tool> = tools.iter().filter(|tool| tool.server.as_deref() == server).copied().collect();
        own.sort_by(|left, right| left.name.cmp(&right.name));
        let title = server.unwrap_or("Other tools");
        let file = match server {
            Some(server) if !server.eq_ignore_ascii_case("readme") => format!("{server}.md"),
            // Names of servers begin with a letter or a digit.
            Some(_) => "_readme.md".to_owned(),
            None => "_other.md".to_owned(),
        };
        Page { file, text: page::of(title, &own) }
    };
    servers.into_iter().map(page).collect()
}

fn print(context: &Context, pages: &[Page]) {
    if context.output.json {
        let pages: Vec<Value> = pages.iter().map(|page| json!({"file": page.file, "text": page.text})).collect();
        return context.output.value(&json!({"pages": pages}));
    }
    let all: Vec<&str> = pages.iter().map(|page| page.text.trim_end()).collect();
    context.output.line(&format!("{}\n\n{}", "# Tools", all.join("\n\n")).trim_end().replace("\n# ", "\n## "));
}

fn write(context: &Context, folder: &std::path::Path, pages: &[Page]) -> Result<()> {
    disk::create_folder(folder)?;
    let mut files: Vec<PathBuf> = Vec::new();
    let mut index = String::from("# Tools\n\n");
    for page in pages {
        index.push_str(&format!("- [{}]({})\n", markdown::text(page.file.trim_end_matches(".md")), page.file));
        let path = folder.join(&page.file);
        disk::write_atomic(&path, &page.text, false)?;
        files.push(path);
    }
    let path = folder.join("README.md");
    disk::write_atomic(&path, &index, false)?;
    files.push(path);
    if context.output.json {
        context.output.value(&json!({"files": files}));
    } else {
        files.iter().for_each(|file| context.output.line(&file.display().to_string()));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
