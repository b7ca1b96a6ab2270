//! Filters as a whole: what they mean, how they are written, what is said about those that are none.

use super::*;
use crate::wire::{Decimal, ErrorCode, OrderDto};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp(1_800_000_000_000);

/// Failed two minutes ago, an hour after it was accepted.
fn order() -> OrderDto {
    let labels = [("team", "Market Ops"), ("note", "say \"hi\", then go")];
    OrderDto {
        id: "01a0c1e2-8a10-7c31-9d2c-4f6f0d6f7a01".into(),
        job_id: "01a0c1e2-8a10-7c31-9d2c-4f6f0d6f7a01".into(),
        order_type: "market".into(),
        token_in: "SOL".into(),
        token_out: "USDC".into(),
        amount: "10".into(),
        slippage: Decimal::from("0.5".to_owned()),
        status: OrderStatus::Failed,
        progress: 100,
        message: "failed".into(),
        chain: "paper".into(),
        account: "main".into(),
        dex: Some("raydium".into()),
        quotes: Vec::new(),
        amount_out: None,
        tx_hash: Some("0x51AbEf".into()),
        attempts: 3,
        max_attempts: 3,
        last_error: Some("Pool not found: no liquidity".into()),
        last_error_code: Some(ErrorCode::InsufficientFunds),
        cancel_requested: false,
        labels: labels.map(|(key, label)| (key.to_owned(), label.to_owned())).into(),
        seq: 9,
        created_at: Timestamp(NOW.0 - 3_720_000),
        updated_at: Timestamp(NOW.0 - 120_000),
    }
}

fn does_match(filter: &str) -> bool {
    let filter = Filter::parse(filter).unwrap_or_else(|error| panic!("{filter}: {error}"));
    filter.matches(&order(), NOW)
}

#[test]
fn an_order_matches_when_it_meets_every_term_with_any_of_its_values() {
    for fits in [
        "",
        "  ",
        "state:failed",
        "status:routing,failed",
        "STATE:Failed",
        "state:stuck",
        "state:over -state:open",
        "venue:orca,Raydium dex:raydium",
        "chain:paper account:MAIN pair:sol/usdc token:usdc",
        "-pair:USDC/SOL -token:bonk",
        "id:01a0c1e2 id:7a01 id:01a0…7a01",
        "err:refused,insufficient-funds",
        "label.team:\"market ops\"",
        "-label.desk:7 -label.team:dev",
        "since:15m until:1m since:2m until:2m -since:1m",
        "since:2027-01-15T07:00:00Z",
        "age:>1h age:<2h -age:>3h",
        "POOL",
        "\"not found: no\"",
        "L/US",
        "51abef",
        "cient-f",
        "raydi ops team",
        "-timeout",
    ] {
        assert!(does_match(fits), "{fits}");
    }
    for does_not in [
        "state:routing",
        "-state:stuck",
        "state:failed venue:orca",
        "-venue:raydium",
        "pair:USDC/SOL",
        "token:bonk",
        "id:8a10",
        "err:reverted",
        "label.team:ops",
        "label.Team:\"market ops\"",
        "since:1m",
        "until:3m",
        "age:<1h",
        "timeout",
        "-pool",
        "pool timeout",
    ] {
        assert!(!does_match(does_not), "{does_not}");
    }
}

#[test]
fn what_an_order_has_not_it_does_not_match() {
    let bare = OrderDto { dex: None, tx_hash: None, last_error: None, last_error_code: None, ..order() };
    let does_match = |filter| Filter::parse(filter).unwrap().matches(&bare, NOW);
    assert!(!does_match("venue:raydium") && !does_match("err:refused") && !does_match("pool"));
    assert!(does_match("-venue:raydium -err:refused -pool"));
}

#[test]
fn the_normal_form_has_what_is_cheap_first_and_quotes_where_they_are_needed() {
    for (written, normal) in [
        ("", ""),
        ("Timeout   status:RETRY,failed", "state:retry-pending,failed timeout"),
        ("dex:\"a b\",c -since:120m", "-since:2h venue:\"a b\",c"),
        ("label.\"a:b\":\"\" -\"-x\"", "label.\"a:b\":\"\" -\"-x\""),
        ("\"say \\\"hi\\\" \\\\ x\"", "\"say \\\"hi\\\" \\\\ x\""),
        ("a\\b", "a\\b"),
        ("id:01A0-C1,…7a01 age:>60s", "age:>1m id:01a0c1,…7a01"),
        ("until:2026-10-20T22:45:00+02:00", "until:2026-10-20T20:45:00.000Z"),
        ("pair:SOL/USDC,\"a b/c\"", "pair:SOL/USDC,\"a b/c\""),
    ] {
        assert_eq!(Filter::parse(written).unwrap().to_string(), normal, "{written}");
    }
}

#[test]
fn an_error_says_where_and_what_was_probably_meant() {
    for (text, part, suggestion) in [
        ("venue:x sate:failed", "sate", Some("state")),
        ("-labl:x", "labl", None),
        ("client:x", "client", None),
        ("label:x", "label", None),
        ("label.:x", "label", None),
        ("https://example", "https", None),
        ("state:failed,retyr", "retyr", Some("retry")),
        ("state:faild é", "faild", Some("failed")),
        ("err:insufficient-fund", "insufficient-fund", Some("insufficient-funds")),
        ("state:", "", None),
        ("venue:a,,b", "", None),
        ("pair:SOL", "SOL", None),
        ("pair:/USDC", "/USDC", None),
        ("id:xyz", "xyz", None),
        ("age:5m", "5m", Some(">5m")),
        ("age:>soon", ">soon", None),
        ("since:yesterday", "yesterday", None),
        ("since:1h,2h", "1h,2h", None),
        ("é \"open", "\"open", None),
        ("a -", "-", None),
        ("a \"\"", "\"\"", None),
    ] {
        let error = Filter::parse(text).expect_err(text);
        assert_eq!(
            (&text[error.span.clone()], error.suggestion.as_deref()),
            (part, suggestion),
            "{text}: {error}"
        );
    }
    let error = Filter::parse("age:5m").unwrap_err().to_string();
    assert_eq!(
        error,
        "\"5m\" does not go with the name; expected > or < and a length of time, such as >5m or <2h; did you mean \">5m\"?"
    );
}

#[test]
fn a_filter_has_bounds() {
    let terms = |count: usize| Filter::parse(&"a ".repeat(count));
    assert!(terms(MAX_TERMS).is_ok());
    assert_eq!(terms(MAX_TERMS + 1).unwrap_err().problem, FilterProblem::TooManyTerms);
    let long = |bytes: usize| Filter::parse(&"é".repeat(bytes / 2));
    assert!(long(MAX_BYTES).is_ok());
    assert_eq!(long(MAX_BYTES + 2).unwrap_err().problem, FilterProblem::TooLong);
}

#[test]
fn an_index_is_told_what_can_match() {
    let statuses = |filter: &str| Filter::parse(filter).unwrap().statuses();
    assert_eq!(statuses("venue:x"), None);
    assert_eq!(
        statuses("state:stuck,retry -state:failed"),
        Some(vec![OrderStatus::RetryPending, OrderStatus::Unknown])
    );
    assert_eq!(statuses("state:open state:over"), Some(vec![]));
    let since = |filter: &str| Filter::parse(filter).unwrap().changed_since(NOW);
    assert_eq!(since("state:open -since:1m"), None);
    assert_eq!(since("since:1h since:1m"), Some(Timestamp(NOW.0 - 60_000)));
    let depends = |filter: &str| Filter::parse(filter).unwrap().depends_on_time();
    assert!(
        depends("since:1h") && depends("-age:>1h") && !depends("until:2030-01-01T00:00:00Z state:open x")
    );
}

#[test]
fn every_name_has_an_example_that_can_be_read() {
    for name in Name::ALL {
        let filter = Filter::parse(name.example()).unwrap();
        assert!(filter.to_string().starts_with(name.as_str()), "{filter}");
    }
}

fn any_term() -> impl Strategy<Value = String> {
    let value = || prop_oneof!["[a-zA-Z0-9é/-]{1,6}", r#""([a-c :,é-]|\\"|\\\\|\\x){0,6}""#];
    let list = || prop::collection::vec(value(), 1..4).prop_map(|values| values.join(","));
    let named: &[_] = &["chain", "account", "VENUE", "token", "dex", "label.a", "label.\"b: c\""];
    let of_list = |list: &'static [&'static str]| {
        prop::collection::vec(prop::sample::select(list), 1..4).prop_map(|values| values.join(","))
    };
    let time = || "[0-9]{1,4}[smhdw]";
    let test = prop_oneof![
        (prop::sample::select(named), list()).prop_map(|(name, values)| format!("{name}:{values}")),
        of_list(&["open", "over", "stuck", "retry", "failed", "Routing", "unknown"])
            .prop_map(|values| format!("state:{values}")),
        of_list(&["refused", "reverted", "NOT-SENT"]).prop_map(|values| format!("err:{values}")),
        of_list(&["01a0", "01A0-C1", "01…ff", "…7a01"]).prop_map(|values| format!("id:{values}")),
        of_list(&["SOL/USDC", "\"a b/c\"", "a/b/c"]).prop_map(|values| format!("pair:{values}")),
        time().prop_map(|time| format!("since:{time}")),
        (0..4_000_000_000_000_u64).prop_map(|millis| format!("until:{}", Timestamp(millis))),
        ("[<>]", time()).prop_map(|(than, time)| format!("age:{than}{time}")),
        value(),
    ];
    ("-?", test).prop_map(|(minus, test)| minus + &test)
}

proptest! {
    #[test]
    fn the_normal_form_is_read_as_the_same_filter(terms in prop::collection::vec(any_term(), 0..6)) {
        let written = terms.join(" ");
        if let Ok(filter) = Filter::parse(&written) {
            let normal = filter.to_string();
            prop_assert_eq!(Filter::parse(&normal), Ok(filter), "{}", normal);
        }
    }

    #[test]
    fn no_text_does_harm(
        text in prop_oneof![any::<String>(), r#"([a-e:,."\\ …é>/-]|state:|label\.|since:|\u{2003}){0,24}"#],
    ) {
        match Filter::parse(&text) {
            Ok(filter) => {
                let _ = filter.matches(&order(), NOW);
                let normal = filter.to_string();
                prop_assert_eq!(Filter::parse(&normal), Ok(filter), "{}", normal);
            }
            Err(error) => {
                prop_assert!(text.get(error.span.clone()).is_some(), "{:?}", error);
                prop_assert!(!error.expected.is_empty());
            }
        }
    }
}

proptest! {
    #[test]
    fn until_an_order_turns_time_changes_nothing(
        (accepted, more) in (0..6_000_u64, 0..6_000_u64),
        waits in 0..6_000_u64,
        share in 0..100_u64,
        terms in proptest::sample::subsequence(
            vec!["since:2s", "-since:3s", "until:1s", "-until:4s", "age:>2s", "age:<5s", "-age:>4s"], 1..4),
    ) {
        let filter = Filter::parse(&terms.join(" ")).unwrap();
        let (created_at, updated_at) = (Timestamp(accepted), Timestamp(accepted + more));
        let order = OrderDto { created_at, updated_at, ..order() };
        let now = updated_at.plus_millis(waits);
        let turn = filter.turns_at(&order, now);
        prop_assert!(turn.is_none_or(|turn| turn > now));
        let last = turn.map_or(now.0 + 60_000, |turn| turn.0 - 1);
        for then in [last, now.0 + (last - now.0) * share / 100] {
            prop_assert_eq!(filter.matches(&order, Timestamp(then)), filter.matches(&order, now), "at {}", then);
        }
    }
}

#[test]
fn time_is_nothing_to_an_order_that_stays_out_whatever_the_time_is() {
    let filter = Filter::parse("state:failed since:1h").unwrap();
    let failed = OrderDto { status: OrderStatus::Failed, updated_at: NOW, ..order() };
    let routing = OrderDto { status: OrderStatus::Routing, ..failed.clone() };
    assert!(filter.turns_at(&failed, NOW).is_some());
    assert_eq!(filter.turns_at(&routing, NOW), None);
}
