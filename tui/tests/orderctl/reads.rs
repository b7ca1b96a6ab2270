//! What is read, and how it ends when that fails.

use crate::stub::{NOWHERE, PROBLEM, orderctl, page, run, serving, told};
use std::{net::TcpListener, process::Stdio};

#[test]
fn all_orders_are_read_page_by_page() {
    let (url, server) = serving(vec![page(2, Some("c1")), page(1, None)]);
    let (code, out, err) = run(&url, &["orders", "--all", "--json", "--status", "pending,failed"]);
    assert_eq!((code, out.lines().count(), err.as_str()), (0, 3, ""));
    let asked = server.join().unwrap();
    assert_eq!(asked[0].what(), "GET /api/orders?status=pending,failed&limit=500");
    assert_eq!(asked[1].what(), "GET /api/orders?status=pending,failed&limit=500&cursor=c1");
}

#[test]
fn the_limit_holds_over_pages() {
    let (url, server) = serving(vec![page(500, Some("c1")), page(100, Some("c2"))]);
    let (code, out, _) = run(&url, &["orders", "--limit", "600", "--json"]);
    assert_eq!((code, out.lines().count()), (0, 600));
    assert!(server.join().unwrap()[1].what().ends_with("limit=100&cursor=c1"));
}

#[test]
fn each_kind_of_failure_has_its_exit_code() {
    let (url, _server) = serving(vec![(404, PROBLEM.to_owned())]);
    let (code, out, err) = run(&url, &["order", "0199"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert_eq!(err, "orderctl: refused (order-not-found): no order has this id\n");

    let (url, _server) = serving(vec![(502, "oops".to_owned())]);
    assert_eq!(run(&url, &["status"]).0, 76);

    let closed = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    for watching in [&["status"][..], &["status", "--watch"], &["orders", "--watch"], &["logs", "--watch"]] {
        let (code, _, err) = run(&format!("http://{closed}"), watching);
        assert_eq!(code, 69, "{watching:?}");
        assert!(err.starts_with("orderctl: cannot reach the daemon at 127.0.0.1:"), "{err}");
    }

    assert_eq!(run("ftp://localhost", &["status"]).0, 2);
    assert_eq!(run(&url, &["fly"]).0, 2);
    assert_eq!(run(&url, &["--help"]).0, 0);
}

#[test]
fn without_a_terminal_there_is_no_console() {
    let (code, out, err) = run(NOWHERE, &[]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("the console needs a terminal"), "{err}");
}

#[test]
fn the_option_goes_before_the_environment() {
    let (url, server) = serving(vec![page(0, None)]);
    let (code, out, _) = run(NOWHERE, &["--url", &url, "orders"]);
    assert_eq!((code, out.as_str()), (0, ""));
    server.join().unwrap();
}

#[test]
fn what_is_plain_is_words_without_columns() {
    let (url, _server) = serving(vec![page(1, None)]);
    let (code, out, _) = run(&url, &["orders", "--plain"]);
    let expected = "order 0199, status pending, sells 1 SOL for USDC, account main on paper, attempt 0 of 3, \
                    updated 2026-09-21T14:13:20.000Z\n";
    assert_eq!((code, out.as_str()), (0, expected));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let (url, _server) = serving(vec![page(500, None)]);
    let mut child =
        orderctl(&url, &["orders"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(told(child.wait_with_output().unwrap()), (0, String::new(), String::new()));
}
