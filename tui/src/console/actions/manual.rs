//! The table of keys in `docs/orderctl-console.md`: that it is what the registry says. `UPDATE=1` writes it anew.

use super::{Group, On, REGISTRY, Spec};
use crate::console::pages::PageId;
use std::{fs, path::Path};

const BEGIN: &str = "<!-- keys -->\n";
const END: &str = "<!-- /keys -->";

fn table() -> String {
    let rows =
        Group::ALL.into_iter().flat_map(|group| REGISTRY.iter().filter(move |spec| spec.group == group));
    let head = "| keys | command | | on |\n|---|---|---|---|\n".to_owned();
    rows.map(row).fold(head, |table, row| table + &row)
}

fn row(spec: &Spec) -> String {
    let keys: Vec<_> = spec.keys.iter().map(|key| format!("`{key}`")).collect();
    let pages = match spec.on {
        On::Every => String::new(),
        On::Pages(pages) => pages.iter().map(|page| PageId::title(*page)).collect::<Vec<_>>().join(", "),
    };
    format!("| {} | `{}` | {} | {pages} |\n", keys.join(" "), spec.command, spec.title)
}

#[test]
fn the_manual_has_every_key_and_command() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/orderctl-console.md");
    let manual = fs::read_to_string(&file).unwrap();
    let (above, rest) = manual.split_once(BEGIN).unwrap();
    let (written, below) = rest.split_once(END).unwrap();
    let table = table();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&file, format!("{above}{BEGIN}{table}{END}{below}")).unwrap();
    } else {
        assert_eq!(written, table, "UPDATE=1 cargo test -p orderctl --lib manual");
    }
}
