//! The configuration as a whole: what is accepted, and what is said of mistakes.

use super::{
    AccountPolicy, AccountSettings, Backend, ConfigError, Environment, KeySource, Origin, Overrides,
    PluginProcess, Settings, load, load::read_text,
};
use crate::order::Ppm;
use proptest::prelude::*;
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use toml::{Table, Value};

const WORLD: &str = r#"
[plugins.paper]
[chains.paper]
plugin = "paper"
[chains.paper.tokens]
SOL = { address = "sol", decimals = 9 }
USDC = { address = "usdc", decimals = 6 }
[chains.paper.config]
inclusionMs = 150
fast = true
since = 2030-01-31
endpoint = "https://node.example/token-1234"
[venues.paper-alpha]
plugin = "paper"
chain = "paper"
[venues.paper-alpha.config]
pools = [{ tokens = ["SOL", "USDC"], reserves = ["500000", "75000000"] }]
[accounts.main]
chain = "paper"
"#;

fn read(text: &str, environment: &Environment) -> Result<Settings, Vec<String>> {
    read_text(text, Path::new("etc"), &Overrides::default(), environment)
        .map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

fn problems(text: &str) -> Vec<String> {
    read(text, &Environment::default()).expect_err(text)
}

fn with(variable: &str, value: &str) -> Result<Settings, Vec<String>> {
    read(WORLD, &Environment::from([(variable, value)]))
}

#[test]
fn an_empty_file_means_the_defaults() {
    let settings = read("", &Environment::default()).unwrap();
    assert_eq!(settings.data_dir, Path::new("etc/data"));
    assert_eq!(settings.server.listen.to_string(), "127.0.0.1:3000");
    assert_eq!(settings.server.drain, Duration::from_secs(10));
    assert_eq!(settings.stream.history_events, 262_144);
    assert_eq!(settings.stream.buffer_messages, 8_192);
    assert_eq!(settings.stream.buffer_bytes, 16_777_216);
    assert_eq!(settings.stream.max_subscriptions, 32);
    assert_eq!(settings.storage.backend, Backend::Sled);
    assert_eq!(settings.storage.dir, Path::new("etc/data/store"));
    assert_eq!(settings.storage.cache_bytes, 67_108_864);
    assert_eq!(settings.storage.idempotency_ttl, Duration::from_hours(24));
    assert_eq!(settings.storage.retention, None);
    assert_eq!(settings.engine.workers, 64);
    assert_eq!(settings.engine.quote_timeout, Duration::from_millis(1_500));
    assert_eq!((settings.guard.breaker.failures, settings.guard.quarantine_panics), (7, 10));
    assert_eq!(settings.guard.check_every, Some(Duration::from_secs(15)));
    assert_eq!(settings.catalog.max_attempts, 3);
    assert_eq!(settings.catalog.default_slippage, Ppm(5_000));
}

#[test]
fn a_plugin_has_places_for_every_worker_to_ask_all_of_its_venues_unless_something_else_is_said() {
    let places = |venues: usize, variables: &[(&str, &str)]| {
        let more =
            (1..venues).map(|number| format!("[venues.v{number}]\nplugin = 'paper'\nchain = 'paper'\n"));
        let text = format!("{WORLD}{}", more.collect::<String>());
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let environment = variables.collect();
        read(&text, &environment).unwrap().plugins[0].max_in_flight
    };
    let workers = |count| [("ORDERD_ENGINE__WORKERS", count)];
    assert_eq!(places(1, &[]), 1_024);
    assert_eq!(places(2, &workers("700")), 1_600);
    assert_eq!(places(3, &workers("1000")), 3_429);
    assert_eq!(places(2, &workers("10000")), 16_384, "no plugin may have more");
    assert_eq!(
        places(2, &[("ORDERD_ENGINE__WORKERS", "700"), ("ORDERD_PLUGINS__PAPER__MAX_IN_FLIGHT", "9")]),
        9
    );
}

#[test]
fn each_plugin_gets_its_chains_and_venues() {
    let settings = read(WORLD, &Environment::default()).unwrap();
    let [plugin] = &settings.plugins[..] else {
        panic!("one plugin: {settings:?}");
    };
    assert!(plugin.file.starts_with("etc/target/release"), "{:?}", plugin.file);
    assert_eq!(plugin.config.data_dir, Path::new("etc/data/plugins/paper"));
    let chain = &plugin.config.chains["paper"];
    let symbols: Vec<_> = chain.tokens.iter().map(|token| token.symbol.as_str()).collect();
    assert_eq!(symbols, ["SOL", "USDC"]);
    assert_eq!(
        chain.settings,
        json!({
            "inclusionMs": 150, "fast": true, "since": "2030-01-31",
            "endpoint": "https://node.example/token-1234"
        })
    );
    let venue = &plugin.config.venues["paper-alpha"];
    assert_eq!((venue.chain.as_str(), venue.tokens.len()), ("paper", 2));
    assert_eq!(venue.settings["pools"][0]["reserves"][1], json!("75000000"));
    let entry = &settings.catalog.chains["paper"];
    assert!(entry.accounts.contains("main") && entry.venues.contains("paper-alpha"));
    assert_eq!(settings.chains["paper"].poll, Duration::from_secs(1));
}

#[test]
fn a_venue_may_settle_on_another_plugins_chain() {
    let text = "
        [plugins.evm]
        [plugins.uniswap-v3]
        [chains.base]
        plugin = 'evm'
        tokens.WETH = { address = '0x42', decimals = 18 }
        [venues.uniswap]
        plugin = 'uniswap-v3'
        chain = 'base'";
    let settings = read(text, &Environment::default()).unwrap();
    let [evm, uniswap] = &settings.plugins[..] else {
        panic!("two plugins: {settings:?}");
    };
    assert!(evm.config.venues.is_empty() && uniswap.config.chains.is_empty());
    assert_eq!(uniswap.config.venues["uniswap"].tokens, evm.config.chains["base"].tokens);
    let library = uniswap.file.file_name().unwrap().to_string_lossy();
    assert!(library.contains("orderd_plugin_uniswap_v3."), "{library}");
}

#[test]
fn several_mistakes_are_told_at_once_in_the_order_of_their_keys() {
    let text = r#"
        data_dri = "data"
        plugin_dir = 7
        [server]
        listen = "0.0.0.0:3000"
        max_body_bytes = "64k"
        [sotrage]
        [storage]
        backend = "slde"
        [engine]
        maxAttempts = 5
        max_attempts = 0
        workers = -1
        default_slippage = "60"
        retry_initial_ms = 5000
        retry_max_ms = 100
        quote_timeout_ms = 1.5
        [plugins.paper]
        [plugins."no good"]
        [chains.base]
        [chains.paper]
        plugin = "papre"
        [chains.paper.tokens]
        SOL = { address = "0xAB", decimals = 78 }
        USDC = { decimals = 6 }
        WETH = { address = "0xab", decimals = 18 }
        ETH = { address = "0xAB", decimals = 18 }
        BONK = "bonk"
        [chains.paper.config]
        ratio = 0.5
        pools = [{ fee = 1.5 }]
        [chains.BASE]
        plugin = "paper"
        [venues.alpha]
        chain = "paepr"
        plugin = "paper"
        config = "none"
        [accounts.main]
        chain = "moon"
        key = "0xdeadbeef"
        [accounts.one]
        chain = "paper"
        key = {}
        [accounts.three]
        chain = "paper"
        key = { env = "ORDERD_KEYS__THREE" }
        [accounts.two]
        chain = "paper"
        key = { env = "A", file = "b", fiel = "c" }
    "#;
    let expected = [
        r#"accounts.main.chain: no chain is called "moon""#,
        "accounts.main.key: expected a table, got text",
        "accounts.one.key: names neither env nor file; leave it out for an account without a key",
        "accounts.three.key.env: must not look like an override: ORDERD_ with a double underscore",
        "accounts.two.key: has both env and file; keep one",
        "accounts.two.key.fiel: unknown key; did you mean file?",
        r#"chains.base: too like the name "BASE""#,
        "chains.base.plugin: is missing",
        "chains.paper.config.pools[0].fee: write decimals as text",
        "chains.paper.config.ratio: write decimals as text",
        r#"chains.paper.plugin: no plugin is called "papre"; did you mean paper?"#,
        "chains.paper.tokens: tokens ETH and WETH have the same address",
        "chains.paper.tokens.BONK: expected a table, got text",
        "chains.paper.tokens.SOL.decimals: must be 0 to 77, got 78",
        "chains.paper.tokens.USDC.address: is missing",
        "data_dri: unknown key; did you mean data_dir?",
        r#"engine.default_slippage: must be a percentage from 0 to 50, got "60": outside 0 to 50"#,
        "engine.maxAttempts: unknown key; did you mean max_attempts?",
        "engine.max_attempts: must be 1 to 20, got 0",
        "engine.quote_timeout_ms: expected a whole number, got a number with a fraction",
        "engine.retry_initial_ms: must not be more than retry_max_ms, which is 100, got 5000",
        "engine.workers: must be 1 to 10000, got -1",
        "plugin_dir: expected text, got a whole number",
        r#"plugins."no good": a name has 1 to 64 letters, digits, - and _, and begins with a letter or digit"#,
        "server.listen: only loopback addresses may be bound, such as 127.0.0.1: the daemon speaks no TLS yet; \
         put a proxy in front of it on the same machine",
        "server.max_body_bytes: expected a whole number, got text",
        "sotrage: unknown key; did you mean storage?",
        r#"storage.backend: must be sled or memory, got "slde"; did you mean sled?"#,
        r#"venues.alpha.chain: no chain is called "paepr"; did you mean paper?"#,
        "venues.alpha.config: expected a table, got text",
    ];
    assert_eq!(problems(text), expected);
}

#[test]
fn each_single_mistake_is_told_by_its_key() {
    for (text, expected) in [
        (
            "server.listen = 'here'",
            "server.listen: must be an address and a port, such as 127.0.0.1:3000, got \"here\"",
        ),
        ("storage.idempotency_ttl_hours = 0", "storage.idempotency_ttl_hours: must be 1 to 8760, got 0"),
        (
            "storage.retention_hours = 23",
            "storage.retention_hours: must be 0, or at least idempotency_ttl_hours, which is 24, got 23",
        ),
        ("stream.buffer_kib = 63", "stream.buffer_kib: must be 64 to 1048576, got 63"),
        ("server = 1", "server: expected a table, got a whole number"),
        ("plugin_dir = ''", "plugin_dir: must not be empty"),
        ("chains = []", "chains: expected a table, got a list"),
        (
            "engine.default_slippage = 0.5",
            "engine.default_slippage: expected text, got a number with a fraction",
        ),
        (
            "engine.default_slippage = '0.00001'",
            "engine.default_slippage: must be a percentage from 0 to 50, got \"0.00001\": \
             more than 4 decimal places",
        ),
        (
            "engine.workers = 9223372036854775807",
            "engine.workers: must be 1 to 10000, got 9223372036854775807",
        ),
        (
            "engine.breaker.open_ms = 61000",
            "engine.breaker.open_ms: must not be more than open_max_ms, which is 60000, got 61000",
        ),
        ("engine.quarantine.panic = 1", "engine.quarantine.panic: unknown key; did you mean panics?"),
        ("a = 1\nb = = 2", "line 2, column 5: extra `=`, expected nothing"),
    ] {
        assert_eq!(problems(text), [expected], "{text}");
    }
}

#[test]
fn the_environment_goes_before_the_file_and_the_command_line_before_both() {
    let environment = Environment::from([
        ("ORDERD_SERVER__LISTEN", "127.0.0.1:4000"),
        ("ORDERD_ENGINE__WORKERS", "7"),
        ("ORDERD_CHAINS__PAPER__POLL_MS", "50"),
        ("ORDERD_CHAINS__PAPER__CONFIG__INCLUSIONMS", "9"),
        ("ORDERD_CHAINS__PAPER__CONFIG__FAST", "false"),
        ("ORDERD_VENUES__PAPER_ALPHA__CONFIG__POOLS__0__RESERVES__1", "1"),
        ("ORDERD_ACCOUNTS__MAIN__KEY__ENV", "MY_KEY"),
        ("ORDERD_DATA_DIR__", "ignored by nobody"),
        ("ORDERD_PLUGIN_DIR", "plugins"),
        ("ORDERD_LOG", "debug"),
        ("HOME__SWEET", "home"),
    ]);
    let unknown = read(WORLD, &environment).unwrap_err();
    assert_eq!(unknown, ["ORDERD_DATA_DIR__: overrides no key; did you mean ORDERD_DATA_DIR?"]);

    let environment: Environment = environment_without(&environment, "ORDERD_DATA_DIR__");
    let overrides = Overrides {
        listen: Some("127.0.0.1:0".parse().unwrap()),
        data_dir: Some("here".into()),
        plugin_dir: None,
    };
    let settings = read_text(WORLD, Path::new("etc"), &overrides, &environment).unwrap();
    assert_eq!(settings.server.listen.port(), 0);
    assert_eq!(settings.data_dir, Path::new("here"));
    assert!(settings.plugins[0].file.starts_with("etc/plugins"), "{settings:?}");
    assert_eq!(settings.engine.workers, 7);
    assert_eq!(settings.chains["paper"].poll, Duration::from_millis(50));
    let paper = &settings.plugins[0].config;
    assert_eq!(paper.chains["paper"].settings["inclusionMs"], json!(9));
    assert_eq!(paper.chains["paper"].settings["fast"], json!(false));
    assert_eq!(paper.venues["paper-alpha"].settings["pools"][0]["reserves"], json!(["500000", "1"]));
    let key = Some(KeySource::Env("MY_KEY".into()));
    let chain = "paper".to_owned();
    let policy = AccountPolicy::default();
    assert_eq!(settings.accounts["main"], AccountSettings { chain, key, policy });
}

fn environment_without(environment: &Environment, name: &str) -> Environment {
    let kept = environment.candidates().filter(|(other, _)| *other != name);
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[test]
fn a_wrong_override_is_told_with_its_origin() {
    for (variable, value, expected) in [
        (
            "ORDERD_ENGINE__WORKERS",
            "many",
            "engine.workers: expected a whole number (from ORDERD_ENGINE__WORKERS)",
        ),
        (
            "ORDERD_ENGINE__WORKRES",
            "7",
            "ORDERD_ENGINE__WORKRES: overrides no key; did you mean ORDERD_ENGINE__WORKERS?",
        ),
        (
            "ORDERD_CHAINS__PAPER__PLUGIN",
            "paperr",
            "chains.paper.plugin: no plugin is called \"paperr\"; did you mean paper? \
             (from ORDERD_CHAINS__PAPER__PLUGIN)",
        ),
        (
            "ORDERD_CHAINS__PAPER__CONFIG__FAST",
            "yes",
            "chains.paper.config.fast: expected true or false (from ORDERD_CHAINS__PAPER__CONFIG__FAST)",
        ),
    ] {
        assert_eq!(with(variable, value).unwrap_err(), [expected]);
    }
    let overrides = Overrides { listen: Some("192.0.2.1:80".parse().unwrap()), ..Overrides::default() };
    let refused = read_text("", Path::new(""), &overrides, &Environment::default()).unwrap_err();
    assert!(refused[0].detail.ends_with("(from the command line)"), "{refused:?}");
}

#[test]
fn no_secret_is_shown() {
    let environment =
        Environment::from([("ORDERD_CHAINS__PAPER__CONFIG__ENDPOINT", "https://node.example/token-5678")]);
    let settings = read(WORLD, &environment).unwrap();
    let shown = format!("{settings:?} {environment:?}");
    assert!(shown.contains("paper-alpha") && !shown.contains("token-"), "{shown}");

    let misplaced =
        "accounts.main = { chain = 'paper', key = { env = '0123secret' } }\naccounts.b = '0xsecret'";
    let told = problems(misplaced).join("\n");
    assert!(told.contains("accounts.main.key.env") && !told.contains("secret"), "{told}");
}

#[test]
fn an_error_names_the_file_first_and_each_problem_on_its_own_line() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.toml");
    let load = || load(&file, &Overrides::default(), &Environment::default()).unwrap_err();
    assert!(matches!(load(), ConfigError::Read { .. }));
    std::fs::write(&file, "wrong = 1\nstorage.cache_mib = 0\n").unwrap();
    let expected = format!(
        "{}: 2 problems\n  storage.cache_mib: must be 1 to 65536, got 0\n  wrong: unknown key",
        file.display()
    );
    assert_eq!(load().to_string(), expected);
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn the_file_at_the_root_is_valid() {
    let settings = load(&root().join("config.toml"), &Overrides::default(), &Environment::default()).unwrap();
    let paper = &settings.catalog.chains["paper"];
    assert_eq!((paper.tokens.len(), paper.venues.len(), paper.accounts.len()), (4, 2, 1));
}

/// The variable that overrides a key of the documentation, and the bounds it is said to have.
fn documented_bounds() -> Vec<(String, String)> {
    let page = std::fs::read_to_string(root().join("docs/configuration.md")).unwrap();
    let mut table = String::new();
    let mut found = Vec::new();
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("## `[") {
            table = heading.trim_end_matches("]`").replace("NAME", "paper").replace("SYMBOL", "SOL");
        }
        if let [_, key, _, _, bounds, _] = line.split('|').map(str::trim).collect::<Vec<_>>()[..]
            && bounds.starts_with(|c: char| c.is_ascii_digit())
        {
            let path = format!("{table}.{}", key.trim_matches('`'));
            found.push((format!("ORDERD_{}", path.to_uppercase().replace('.', "__")), bounds.to_owned()));
        }
    }
    found
}

#[test]
fn the_documentation_states_the_true_bounds() {
    let documented = documented_bounds();
    assert!(documented.len() >= 44, "{documented:?}");
    let policy = "policy.spend.SOL = { amount = '1', window_minutes = 1 }";
    let text = format!("{WORLD}[accounts.paper]\nchain = 'paper'\n{policy}");
    for (variable, bounds) in documented {
        let told = read(&text, &Environment::from([(variable.as_str(), "-1")])).unwrap_err();
        let expected = format!("must be {bounds}, got -1 (from {variable})");
        assert!(told[0].ends_with(&expected), "{told:?} should say {bounds}");
    }
}

#[test]
fn a_plugin_may_talk_to_nobody_unless_it_is_told() {
    let may = |text: &str, environment, url: &str| {
        let settings = read(text, &environment).unwrap();
        settings.plugins[0].services.egress.allows(&Origin::of(&url.parse().unwrap()).unwrap())
    };
    let told = "[plugins.rfq]\negress = ['https://api.example.com', 'http://127.0.0.1:8545']";
    assert!(!may("[plugins.rfq]", Environment::default(), "https://api.example.com"));
    assert!(may(told, Environment::default(), "https://api.example.com/v1"));
    assert!(!may(told, Environment::default(), "https://api.example.org"));
    let moved = Environment::from([("ORDERD_PLUGINS__RFQ__EGRESS__1", "http://127.0.0.1:9000")]);
    assert!(may(told, moved.clone(), "http://127.0.0.1:9000/x"));
    assert!(!may(told, moved, "http://127.0.0.1:8545"));
}

#[test]
fn mistakes_in_what_a_plugin_may_use_are_told_by_their_place_and_not_repeated() {
    let rule = "must be a scheme, a host and perhaps a port, such as https://api.example.com, \
                https://*.example.com or http://127.0.0.1:8545";
    let text = "
        [plugins.rfq]
        egress = ['https://me:hunter2@api.example.com', 7, 'https://api.example.com']
        http_max_response_kib = 2001
        kv_max_kib = 0
        [plugins.other]
        egress = 'https://api.example.com'";
    assert_eq!(
        problems(text),
        [
            "plugins.other.egress: expected a list, got text",
            &format!("plugins.rfq.egress[0]: {rule}"),
            "plugins.rfq.egress[1]: expected text, got a whole number",
            "plugins.rfq.http_max_response_kib: must be 1 to 2000, got 2001",
            "plugins.rfq.kv_max_kib: must be 1 to 4096, got 0",
        ]
    );
}

/// Keys of the tables, and other words.
fn any_key() -> impl Strategy<Value = String> {
    let known = [
        "plugin_dir",
        "data_dir",
        "server",
        "stream",
        "buffer_kib",
        "listen",
        "heartbeat_ms",
        "storage",
        "backend",
        "engine",
        "workers",
        "default_slippage",
        "retry_max_ms",
        "plugins",
        "file",
        "egress",
        "chains",
        "tokens",
        "address",
        "decimals",
        "config",
        "venues",
        "plugin",
        "chain",
        "accounts",
        "key",
        "env",
        "auth",
        "token_file",
        "scope",
        "paper",
        "main",
        "SOL",
    ];
    prop_oneof![4 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => any::<String>()]
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(Value::Integer),
        any::<bool>().prop_map(Value::Boolean),
        Just(Value::Float(0.5)),
        Just(Value::Datetime("2030-01-31T12:00:00Z".parse().unwrap())),
        any_key().prop_map(Value::String),
        "[0-9.:-]{0,12}".prop_map(Value::String),
    ];
    leaf.prop_recursive(5, 64, 8, |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            4 => any_table(inner).prop_map(Value::Table),
        ]
    })
}

fn any_table(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Table> {
    prop::collection::vec((any_key(), value), 0..8).prop_map(|entries| entries.into_iter().collect())
}

proptest! {
    #[test]
    fn no_table_and_no_override_panics_the_reader(
        table in any_table(any_value()),
        variable in prop::collection::vec(any_key(), 1..5),
        value in any::<String>(),
    ) {
        let text = toml::to_string(&table).unwrap();
        let name = format!("ORDERD_{}", variable.join("__").to_uppercase());
        let environment = [(name, value)].into_iter().collect();
        let _ = read(&text, &environment);
    }

    #[test]
    fn no_text_panics_the_reader(text in any::<String>()) {
        let _ = read(&text, &Environment::default());
    }
}

#[test]
fn what_comes_with_the_daemon_runs_in_it_and_everything_else_apart() {
    let text = "
        [plugins.paper]
        [plugins.evm]
        isolation = 'process'
        network = true
        memory_mib = 64
        [plugins.mine]
        [plugins.other]
        file = '/opt/liborderd_plugin_evm.so'
        [plugins.trusted]
        isolation = 'in-process'
        [plugins.v3]
        file = 'liborderd_plugin_uniswap.so'";
    let suffix = std::env::consts::DLL_SUFFIX;
    let settings = read(&text.replace(".so", suffix), &Environment::default()).unwrap();
    let process =
        |name: &str| settings.plugins.iter().find(|plugin| plugin.name == name).unwrap().process.clone();
    for inside in ["paper", "trusted", "v3"] {
        assert_eq!(process(inside), None, "{inside}");
    }
    for apart in ["mine", "other"] {
        assert_eq!(process(apart), Some(PluginProcess::default()), "{apart}");
    }
    let limited = PluginProcess { network: true, memory_bytes: 64 << 20, ..PluginProcess::default() };
    assert_eq!(process("evm"), Some(limited));
}
