//! Lets a test link several plugins as libraries. When the whole workspace is built at once, Cargo switches on the
//! feature `entry` of each, so all of them define the entry symbol; nobody calls it there, and any will do.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-link-arg-tests=-Wl,-z,muldefs");
}
