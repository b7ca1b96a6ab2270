//! How Rust lays the structs of the interface out, for a C compiler to check.

use orderd_sdk::abi::{
    Bytes, ErrorSink, HostTable, PluginTable,
    table::{Level, Status},
};
use std::{fmt::Write, mem::offset_of};

/// A struct under its name in C.
pub(crate) struct Layout {
    pub(crate) name: &'static str,
    pub(crate) size: usize,
    /// Where each field begins.
    pub(crate) fields: Vec<(&'static str, usize)>,
}

/// Measures a struct. It has to name all fields: the pattern does not compile without one.
macro_rules! layout {
    ($kind:ident as $name:literal { $($field:ident),* }) => {{
        let _all = |it: $kind| { let $kind { $($field: _),* } = it; };
        Layout {
            name: $name,
            size: size_of::<$kind>(),
            fields: vec![$((stringify!($field), offset_of!($kind, $field))),*],
        }
    }};
}

/// Of every struct that crosses the interface.
pub(crate) fn layouts() -> Vec<Layout> {
    vec![
        layout!(Bytes as "orderd_bytes" { ptr, len }),
        layout!(ErrorSink as "orderd_error_sink" { ctx, write }),
        layout!(HostTable as "orderd_host" { size, abi_minor, log_level, ctx, log, complete, request, extension }),
        layout!(PluginTable as "orderd_plugin" {
            size, abi_minor, reserved, manifest, create, start, cancel, deliver, destroy, extension
        }),
        Layout { name: "orderd_status", size: size_of::<Status>(), fields: Vec::new() },
        Layout { name: "orderd_level", size: size_of::<Level>(), fields: Vec::new() },
    ]
}

/// The checks, as lines of the header.
pub(crate) fn assertions() -> String {
    let mut lines = String::new();
    let mut check = |name: &str, holds: String| {
        writeln!(lines, "ORDERD_LAYOUT({name}, {holds});").unwrap();
    };
    for Layout { name, size, fields } in layouts() {
        check(name, format!("sizeof({name}) == {size}"));
        for (field, offset) in fields {
            check(&format!("{name}_{field}"), format!("offsetof({name}, {field}) == {offset}"));
        }
    }
    check("ORDERD_HOST_SIZE_1_0", format!("ORDERD_HOST_SIZE_1_0 == {}", HostTable::SIZE_1_0));
    check("ORDERD_PLUGIN_SIZE_1_0", format!("ORDERD_PLUGIN_SIZE_1_0 == {}", PluginTable::SIZE_1_0));
    lines
}
