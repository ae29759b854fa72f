//! `tutti explain`: what an error code means and what to do about it.

mod pages;

use super::{Command, Context, Failures};
use base::config::nearest;
use base::{Code, Error};
use clap::{Arg, ArgMatches};
use console::output::{Output, Style, Table};
use serde_json::{Value, json};

/// The command.
pub const COMMAND: Command = Command { arguments, run };

fn arguments() -> clap::Command {
    clap::Command::new("explain")
        .about("Say what an error code means, why it happens and what to do")
        .arg(Arg::new("code").value_name("CODE").help("The code, as T-0201, t-0201 or 201; without one all are listed"))
        .after_help("Examples:\n  tutti explain T-0201\n  tutti explain 201\n  tutti explain")
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let output = &context.output;
    match matches.get_one::<String>("code") {
        Some(text) => show(output, find(text)?),
        None => list(output),
    }
    Ok(0)
}

/// The code that was meant: by its number, or by its label as it stands in metrics and logs.
fn find(text: &str) -> Result<Code, Error> {
    let by_label = || Code::ALL.iter().copied().find(|code| code.label() == text);
    Code::find(text).or_else(by_label).ok_or_else(|| {
        let words = Code::ALL.iter().flat_map(|code| [code.id(), code.label()]);
        let next = match nearest(text, words) {
            Some(near) => format!("did you mean `{near}`? `tutti explain` lists all codes"),
            None => "`tutti explain` lists all codes".to_owned(),
        };
        let text: String = text.chars().filter(|character| !character.is_control()).take(64).collect();
        Error::new(Code::CodeUnknown, format!("there is no error code `{text}`"), next)
    })
}

fn show(output: &Output, code: Code) {
    let page = pages::page(code);
    if output.json {
        let mut value = described(code);
        value["page"] = page.into();
        return output.value(&value);
    }
    for line in page.trim_end().lines() {
        let style = if line.starts_with('#') { Style::Strong } else { Style::Plain };
        output.line(&output.paint(style, line));
    }
    let exit =
        format!("Exit code {}, HTTP status {}, JSON-RPC error {}", code.exit(), code.http_status(), code.json_rpc());
    output.line(&format!("\n{}", output.paint(Style::Faint, &exit)));
}

fn list(output: &Output) {
    if output.json {
        let all: Vec<Value> = Code::ALL.iter().map(|code| described(*code)).collect();
        return output.value(&json!({"codes": all}));
    }
    let mut table = Table::new(&["code", "exit", "meaning"]);
    for code in Code::ALL {
        let cells = [code.id().to_owned(), code.exit().to_string(), code.summary().to_owned()];
        let [id, exit, summary] = cells;
        table.row(vec![(Style::Strong, id), (Style::Plain, exit), (Style::Plain, summary)]);
    }
    table.print(output);
}

fn described(code: Code) -> Value {
    json!({
        "code": code.id(),
        "label": code.label(),
        "summary": code.summary(),
        "exit": code.exit(),
        "http_status": code.http_status(),
        "json_rpc": code.json_rpc(),
    })
}

#[cfg(test)]
mod tests;
