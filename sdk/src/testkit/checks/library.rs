//! Who a library is, and what it makes.

use crate::{
    abi::{Description, Method, Status, table::ABI_MINOR},
    plugin::Health,
    testkit::{
        Bench,
        ask::shown,
        plan::ServedBy,
        report::{Checked, Stop, ensure},
        subject::{Age, Subject},
    },
};
use serde_json::json;

/// Longer names are a nuisance in logs.
const LONGEST_NAME: usize = 64;

pub(super) fn manifest(bench: &Bench) -> Checked {
    let manifest = bench.library()?.manifest();
    let (name, version) = (&manifest.name, &manifest.version);
    let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    ensure(
        !name.is_empty() && name.len() <= LONGEST_NAME && name.bytes().all(good),
        || format!("the name {name:?}"),
        "1 to 64 lower-case letters, digits, - and _: it stands in logs and metrics",
        "Plugin::NAME, or the manifest of the plugin table",
    )?;
    ensure(
        !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_graphic()),
        || format!("the version {version:?}"),
        "the plugin's own version, such as 0.1.0",
        "Plugin::VERSION, or the manifest of the plugin table",
    )?;
    ensure(
        manifest.abi_minor <= ABI_MINOR,
        || format!("abiMinor {}, made for an SDK that is newer than this kit", manifest.abi_minor),
        &format!("at most {ABI_MINOR}"),
        "a newer orderctl, or an older SDK",
    )
}

pub(super) fn describe(bench: &Bench) -> Checked {
    let subject = bench.subject()?;
    described(bench, &subject)
}

fn described(bench: &Bench, subject: &Subject) -> Checked {
    let made: Description = subject.core().must(Method::Describe, "", &json!({}))?;
    let wanted = Description {
        chains: bench.plan.chains_of(&ServedBy::Subject).into_keys().collect(),
        venues: bench.plan.venues.keys().cloned().collect(),
    };
    ensure(
        made == wanted,
        || format!("chains {:?}, venues {:?}", made.chains, made.venues),
        &format!(
            "exactly what is configured, sorted: chains {:?}, venues {:?}",
            wanted.chains, wanted.venues
        ),
        "what create makes of config.chains and config.venues, and describe",
    )
}

pub(super) fn older_host(bench: &Bench) -> Checked {
    works_with(bench, Age::First)
}

pub(super) fn newer_host(bench: &Bench) -> Checked {
    works_with(bench, Age::Future)
}

fn works_with(bench: &Bench, age: Age) -> Checked {
    let config = bench.plan.config(bench.folder()?);
    let subject = bench.create(&config, age)?.map_err(|message| {
        Stop::failed(
            format!("create refused a host of another minor version: {message}"),
            "an instance: minor versions only append to the host's table",
            "what create checks of the host's size and abi_minor: a size above the known one is fine",
        )
    })?;
    described(bench, &subject)?;
    let probe = bench.probe(&subject)?;
    let outcome = subject.core().call(probe.method.name(), &probe.target, &probe.request)?;
    ensure(
        outcome.status != Status::PANIC,
        || format!("{} panicked: {}", probe.method.name(), shown(&outcome.reply)),
        "an answer, or an error where the host lacks a service",
        "services of later minor versions: an older host answers ORDERD_UNSUPPORTED",
    )
}

pub(super) fn health(bench: &Bench) -> Checked {
    let subject = bench.subject()?;
    let venues = bench.plan.venues.keys().map(|name| (Method::VenueHealth, name.clone()));
    let chains = bench.plan.chains_of(&ServedBy::Subject);
    let chains = chains.into_keys().map(|name| (Method::ChainHealth, name));
    let targets: Vec<_> = venues.chain(chains).collect();
    if targets.is_empty() {
        return Err(Stop::skipped("the plan names no venue and no chain of this plugin"));
    }
    for (method, target) in targets {
        let health: Health = subject.core().must(method, &target, &json!({}))?;
        ensure(
            !health.detail.is_empty(),
            || format!("{} of {target:?} says nothing", method.name()),
            "a detail for people, such as \"2 pools\"",
            "Health::detail",
        )?;
    }
    Ok(())
}
