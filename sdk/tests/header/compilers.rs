//! The header as compilers see it.

use crate::path;
use std::{path::Path, process::Command};

const DIALECTS: [(&str, &str, &str); 5] = [
    ("cc", "-std=c99", "c"),
    ("cc", "-std=c11", "c"),
    ("cc", "-std=c17", "c"),
    ("c++", "-std=c++11", "c++"),
    ("c++", "-std=c++17", "c++"),
];

/// A plugin that has no function, and looks at a table.
const USER: &str = "
#include \"orderd_plugin.h\"
#include \"orderd_plugin.h\"
int newer(const orderd_host *host);
int newer(const orderd_host *host) {
    orderd_level most = ORDERD_LOG_TRACE;
    return host->size >= ORDERD_HOST_SIZE_1_0 && ORDERD_HAS(host, extension) && host->log_level <= most;
}
static orderd_plugin table;
const orderd_plugin *orderd_plugin_entry_v1(void) {
    static const char name[] = ORDERD_METHOD_VENUE_QUOTE ORDERD_SERVICE_SIGN;
    table.size = sizeof table;
    table.manifest.ptr = (const uint8_t *)name;
    table.manifest.len = sizeof name < ORDERD_MAX_MESSAGE ? ORDERD_OK : ORDERD_BUSY;
    return &table;
}
";

/// Compiles the text against the header in this folder; what the compiler says against it.
fn compile((compiler, dialect, language): (&str, &str, &str), folder: &Path) -> Result<(), String> {
    let source = folder.join("user.c");
    std::fs::write(&source, USER).unwrap();
    let output = Command::new(compiler)
        .args([dialect, "-Wall", "-Wextra", "-Werror", "-pedantic", "-x", language, "-c", "-o"])
        .arg(folder.join("user.o"))
        .arg(source)
        .output()
        .unwrap_or_else(|error| panic!("{compiler}: {error}; on Debian it is in build-essential"));
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

#[test]
fn compilers_of_c_and_cpp_take_the_header_without_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(path(), folder.path().join("orderd_plugin.h")).unwrap();
    for dialect in DIALECTS {
        compile(dialect, folder.path()).unwrap_or_else(|said| panic!("{dialect:?}: {said}"));
    }
}

#[test]
fn a_struct_that_is_laid_out_otherwise_does_not_compile() {
    let folder = tempfile::tempdir().unwrap();
    let header = std::fs::read_to_string(path()).unwrap();
    let (size, more) = ("    size_t size;", "    size_t size; size_t more;");
    assert!(header.contains(size));
    std::fs::write(folder.path().join("orderd_plugin.h"), header.replace(size, more)).unwrap();
    for dialect in DIALECTS {
        let said = compile(dialect, folder.path()).unwrap_err();
        assert!(
            said.contains("orderd_host_ctx") && said.contains("orderd_plugin_create"),
            "{dialect:?}: {said}"
        );
    }
}
