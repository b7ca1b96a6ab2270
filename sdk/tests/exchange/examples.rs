//! The examples of docs/plugin-abi.md: the tables of methods, of services and of documents.

use crate::docs;
use serde_json::Value;

const TOKEN: &str = r#"{"symbol":"USDC","address":"0xA0b8","decimals":6}"#;

const DATA: &str = r#"{"text":"µ"}"#;

/// A row of a table: what it is about, and the messages that its cells show.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) cells: Vec<Vec<Value>>,
}

/// The rows below this heading that begin with a name.
pub(crate) fn rows(heading: &str) -> Vec<Row> {
    let page = std::fs::read_to_string(docs("plugin-abi.md")).unwrap();
    let (_, section) = page.split_once(&format!("\n## {heading}\n")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    section.lines().filter_map(row).collect()
}

fn row(line: &str) -> Option<Row> {
    let mut cells = line.strip_prefix("| `")?.split(" | ");
    let name = cells.next()?.strip_suffix('`')?.to_owned();
    Some(Row { name, cells: cells.map(messages).collect() })
}

/// The JSON in a cell. A `T` stands for a token, a `D` for bytes, and an ellipsis for nothing.
fn messages(cell: &str) -> Vec<Value> {
    let quoted = cell.split('`').skip(1).step_by(2);
    let json = quoted.filter(|text| text.starts_with(['{', '[', '"']));
    let filled = json.map(|text| {
        text.replace('…', "")
            .replace(":T", &format!(":{TOKEN}"))
            .replace("[T]", &format!("[{TOKEN}]"))
            .replace(":D", &format!(":{DATA}"))
    });
    filled.map(|text| serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"))).collect()
}
