//! The header, made of the Rust code: its types, constants and their words by cbindgen, names and layout by Rust itself.

use crate::layout::assertions;
use cbindgen::{Builder, Config, DocumentationStyle, ExportConfig, Language, Style};
use orderd_sdk::abi::{
    Method, Service,
    table::{ABI_MAJOR, ABI_MINOR, ENTRY_SYMBOL},
};
use std::fmt::Write;

/// Names in Rust, and in C.
const NAMES: [(&str, &str); 11] = [
    ("Bytes", "orderd_bytes"),
    ("Status", "orderd_status"),
    ("Level", "orderd_level"),
    ("ErrorSink", "orderd_error_sink"),
    ("HostTable", "orderd_host"),
    ("PluginTable", "orderd_plugin"),
    ("Entry", "orderd_entry"),
    ("ABI_MAJOR", "ORDERD_ABI_MAJOR"),
    ("ABI_MINOR", "ORDERD_ABI_MINOR"),
    ("MAX_MESSAGE", "ORDERD_MAX_MESSAGE"),
    ("MAX_OPERATIONS", "ORDERD_MAX_OPERATIONS"),
];

/// What the generator writes, and what it is called instead: constants of a type, and links of the documentation.
const WORDS: [(&str, &str); 6] = [
    ("orderd_status_", "ORDERD_"),
    ("orderd_level_", "ORDERD_LOG_"),
    ("[`Status::", "[`ORDERD_"),
    ("[`Level::", "[`ORDERD_LOG_"),
    ("[`ENTRY_SYMBOL`]", "[`ORDERD_ENTRY_SYMBOL`]"),
    ("[`Entry`]", "[`orderd_entry`]"),
];

const PREFACE: &str = "\
#ifndef ORDERD_PLUGIN_H
#define ORDERD_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern \"C\" {
#endif

";

const SIZES: &str = "
// How long the tables were in version 1.0. None is shorter.
#define ORDERD_HOST_SIZE_1_0 (offsetof(orderd_host, extension) + sizeof(void *))
#define ORDERD_PLUGIN_SIZE_1_0 (offsetof(orderd_plugin, extension) + sizeof(void *))
// Whether a table has a field that came after version 1.0. Ask before touching it.
#define ORDERD_HAS(table, field) \\
    ((table)->size >= (size_t)((const char *)&(table)->field - (const char *)(table)) + sizeof((table)->field))
";

const LAYOUT: &str = "
// The layout that the daemon was compiled with. Each struct and each of its fields is where Rust has it.
#if defined(__cplusplus) && __cplusplus >= 201103L
#define ORDERD_LAYOUT(name, holds) static_assert(holds, #name)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define ORDERD_LAYOUT(name, holds) _Static_assert(holds, #name)
#else
#define ORDERD_LAYOUT(name, holds) typedef char orderd_layout_##name[(holds) ? 1 : -1]
#endif
#if UINTPTR_MAX == UINT64_MAX
";

/// The whole file.
pub(crate) fn document() -> String {
    let mut document = format!(
        "// The interface between orderd and a plugin, version {ABI_MAJOR}.{ABI_MINOR}. What the methods mean and \
         how their JSON looks:\n// docs/plugin-abi.md. Made of sdk/src/abi/table.rs by `make header`: change it \
         there.\n//\n\
         // Every pointer in an argument is borrowed until the call returns: copy what you keep. Nobody frees what \
         the other\n// side allocated. Payloads are JSON in UTF-8. A minor version only appends to the tables.\n"
    );
    document.push_str(PREFACE);
    document.push_str(&declarations());
    document.push_str(SIZES);
    document.push_str(&names());
    document.push_str(&entry());
    document.push_str(LAYOUT);
    document.push_str(&assertions());
    document.push_str("#endif\n\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n");
    document
}

/// The types and constants of `table.rs`, with their words.
fn declarations() -> String {
    let export = ExportConfig {
        include: NAMES.iter().map(|(rust, _)| (*rust).to_owned()).collect(),
        rename: NAMES.iter().map(|(rust, c)| ((*rust).to_owned(), (*c).to_owned())).collect(),
        ..ExportConfig::default()
    };
    let config = Config {
        language: Language::C,
        style: Style::Both,
        documentation_style: DocumentationStyle::C99,
        line_length: 115,
        tab_width: 4,
        no_includes: true,
        usize_is_size_t: true,
        export,
        ..Config::default()
    };
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/src/abi/table.rs");
    let mut text = Vec::new();
    Builder::new().with_config(config).with_src(source).generate().unwrap().write(&mut text);
    let mut text = String::from_utf8(text).unwrap();
    for (made, said) in WORDS {
        text = text.replace(made, said);
    }
    without_links(&text)
}

/// ``[`Name`](path)`` and ``[`Name`]`` as `Name` in quotes.
fn without_links(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, link)) = rest.split_once("[`") {
        let (name, after) = link.split_once("`]").unwrap();
        let after = match after.strip_prefix('(') {
            Some(path) => path.split_once(')').unwrap().1,
            None => after,
        };
        let quote = if name.starts_with("ORDERD_") { "" } else { "`" };
        write!(plain, "{before}{quote}{name}{quote}").unwrap();
        rest = after;
    }
    plain + rest
}

/// The names of methods and services.
fn names() -> String {
    let methods: String = Method::ALL.iter().map(|method| named("METHOD", method.name())).collect();
    let services: String = Service::ALL.iter().map(|service| named("SERVICE", service.name())).collect();
    format!(
        "\n// What the daemon asks of a plugin: the `method` of `start`.\n{methods}\
         \n// What a plugin asks of the daemon: the `method` of `request`.\n{services}"
    )
}

fn named(group: &str, name: &str) -> String {
    let constant = name.replace('.', "_").to_uppercase();
    format!("#define ORDERD_{group}_{constant} \"{name}\"\n")
}

/// What a plugin has to export.
fn entry() -> String {
    format!(
        "
// The one symbol that a plugin exports, an `orderd_entry`; the major version is in its name.
#define ORDERD_ENTRY_SYMBOL \"{ENTRY_SYMBOL}\"
#ifdef _WIN32
__declspec(dllexport)
#else
__attribute__((visibility(\"default\")))
#endif
const orderd_plugin *{ENTRY_SYMBOL}(void);
"
    )
}
