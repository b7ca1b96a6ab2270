//! Orders for other programs.

use crate::stub::{PROBLEM, page, run, serving};
use std::fs;

#[test]
fn all_pages_are_written_and_the_file_appears_when_it_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("orders.jsonl");
    let (url, server) = serving(vec![page(2, Some("c1")), page(1, None)]);
    let (code, out, err) =
        run(&url, &["export", "--filter", "state:pending", "--output", file.to_str().unwrap()]);
    assert_eq!((code, out.as_str()), (0, ""), "{err}");
    assert!(err.starts_with("orderctl: 3 orders written to "), "{err}");
    assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 3);
    let asked = server.join().unwrap();
    assert_eq!(asked[0].what(), "GET /api/orders?filter=state%3Apending&limit=500");
    assert_eq!(asked[1].what(), "GET /api/orders?filter=state%3Apending&limit=500&cursor=c1");
}

#[test]
fn what_fails_in_the_middle_leaves_the_file_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("orders.csv");
    fs::write(&file, "old").unwrap();
    let (url, _server) = serving(vec![page(2, Some("c1")), (404, PROBLEM.to_owned())]);
    let (code, ..) = run(&url, &["export", "--format", "csv", "--output", file.to_str().unwrap()]);
    assert_eq!((code, fs::read_to_string(&file).unwrap().as_str()), (1, "old"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
}

#[test]
fn without_a_file_it_goes_to_the_output_and_where_nothing_can_be_written_that_is_told() {
    let (url, _server) = serving(vec![page(1, None)]);
    let (code, out, err) = run(&url, &["export", "--format", "csv"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.starts_with("id,status,") && out.contains("\r\n0199,pending,0,"), "{out}");
    let (code, _, err) = run(&url, &["export", "--output", "/no/such/folder/orders.csv"]);
    assert_eq!(code, 74);
    assert!(err.starts_with("orderctl: cannot write /no/such/folder/orders.csv: "), "{err}");
}
