//! An archive is the whole store, and only a whole archive becomes a store.

use super::*;
use crate::{
    order::Order,
    store::{
        Applied, SledSettings, SledStore, Store,
        samples::{self, accepted, after, step},
        worker::STARTS,
    },
};
use std::{collections::BTreeMap, path::Path};

fn open(dir: &Path) -> SledStore {
    SledStore::open(SledSettings::at(dir), Box::new(|_| ())).unwrap()
}

async fn put(store: &SledStore, change: crate::store::Change) -> Applied {
    store.commit(change).await.unwrap().durable().await.unwrap()
}

/// A store with one of everything, closed.
async fn fill(dir: &Path) -> [Order; 2] {
    let store = open(dir);
    let whole = samples::whole_life();
    let over = after(&accepted(2), samples::expired());
    let change = samples::with_lane(step(&whole, whole.events.len()), "main", 9);
    put(&store, samples::with_claim(change, "a \"key\" \u{1f511}", 1)).await;
    put(&store, samples::with_claim(step(&over, 2), "other", 2)).await;
    store.close().await.unwrap();
    [whole, over]
}

fn exported(dir: &Path) -> String {
    let mut archive = Vec::new();
    let exported = export(dir, &mut archive, &mut |problem| panic!("{problem}")).unwrap();
    assert_eq!((exported.orders, exported.lanes, exported.idempotency_keys), (2, 1, 2));
    String::from_utf8(archive).unwrap()
}

#[tokio::test]
async fn a_store_goes_through_text_and_is_what_it_was() {
    let _quiet = STARTS.read().await;
    let dir = tempfile::tempdir().unwrap();
    let (from, to) = (dir.path().join("from"), dir.path().join("to"));
    let [whole, over] = fill(&from).await;
    let archive = exported(&from);
    let imported = import(&to, &mut archive.as_bytes(), Completeness::Whole, &mut |_| ()).unwrap();
    assert_eq!((imported.orders, imported.lanes, imported.idempotency_keys), (2, 1, 2));
    let again = exported(&to);
    assert!(archive.lines().skip(1).eq(again.lines().skip(1)), "{archive}\n{again}");

    let (old, new) = (open(&from), open(&to));
    assert_eq!(new.cursor(), old.cursor());
    assert_ne!(new.epoch(), old.epoch(), "nobody takes it for the log whose events they have seen");
    assert_eq!(new.load(whole.id).await.unwrap().as_deref(), Some(&whole));
    assert_eq!(new.load(over.id).await.unwrap().as_deref(), Some(&over));
    assert_eq!(new.lanes().await.unwrap(), BTreeMap::from([(samples::lane("main"), 9)]));
    let rival = samples::with_claim(step(&accepted(3), 1), "a \"key\" \u{1f511}", 1);
    assert_eq!(put(&new, rival).await, Applied::Claimed { by: whole.id, same_request: true });
    put(&new, step(&accepted(4), 1)).await;
}

/// Its approval may be undone: whoever sees to that finds it among the live ones.
#[tokio::test]
async fn an_order_that_something_can_still_happen_to_is_imported_as_a_live_one() {
    let _quiet = STARTS.read().await;
    let dir = tempfile::tempdir().unwrap();
    let (from, to) = (dir.path().join("from"), dir.path().join("to"));
    let facts = samples::life(3).into_iter().take(2).chain(samples::approved(3)).chain([samples::failed()]);
    let failed = facts.fold(accepted(1), |order, fact| after(&order, fact));
    assert!(failed.state.is_over() && !failed.is_at_rest());
    let old = open(&from);
    put(&old, step(&failed, failed.events.len())).await;
    old.close().await.unwrap();
    drop(old);
    let mut archive = Vec::new();
    export(&from, &mut archive, &mut |problem| panic!("{problem}")).unwrap();
    import(&to, &mut &archive[..], Completeness::Whole, &mut |_| ()).unwrap();
    let live = open(&to).live().await.unwrap();
    assert_eq!(live.iter().map(|order| order.id).collect::<Vec<_>>(), [failed.id]);
}

#[tokio::test]
async fn amounts_are_decimal_text_and_bytes_are_hexadecimal() {
    let _quiet = STARTS.read().await;
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path()).await;
    let archive = exported(dir.path());
    assert!(archive.contains(r#""amount_in":"10000000000""#), "{archive}");
    assert!(archive.contains(&format!(r#""raw":"0x{}""#, "ab".repeat(40))), "{archive}");
    assert!(archive.contains(&format!(r#""fingerprint":"0x{}""#, "01".repeat(32))), "{archive}");
}

#[tokio::test]
async fn an_archive_that_is_not_whole_becomes_nothing() {
    let _quiet = STARTS.read().await;
    let dir = tempfile::tempdir().unwrap();
    let (from, to) = (dir.path().join("from"), dir.path().join("to"));
    let [whole, _] = fill(&from).await;
    let archive = exported(&from);
    let cursor = |events: usize| format!(r#""cursor":{}"#, whole.events.len() + events);
    let lines: Vec<&str> = archive.lines().collect();
    let [store, lane, live, over, key, other, end] = lines[..] else {
        panic!("{archive}");
    };
    let join = |lines: &[&str]| lines.join("\n");
    let cases = [
        (join(&[store, lane, live, over, key, other]), 7, "the end is missing"),
        (String::new(), 1, "the end is missing"),
        (join(&[lane, store]), 1, "the first line"),
        (join(&[store, store]), 2, "a second store"),
        (join(&[store, lane, lane]), 3, "lane paper/main again"),
        (join(&[store, live, live]), 3, "again"),
        (join(&[store, live, key, key]), 4, "again"),
        (join(&[store, key]), 2, "which is not there"),
        (join(&[store, live, over, end]), 4, "are promised"),
        (join(&[store, lane, live, over, key, other, end, lane]), 8, "something follows the end"),
        (join(&[store, &over.replacen(r#""seq":2"#, r#""seq":3"#, 1)]), 2, "are not numbered"),
        (join(&[&store.replace(&cursor(2), &cursor(1)), over]), 2, "within the store's cursor"),
        (join(&[&store.replace(r#""format":1"#, r#""format":2"#)]), 1, "format 2 is not known"),
        (join(&[store, &live[..live.len() / 2]]), 2, "EOF"),
        (join(&[store, r#"{"order":{"colour":"red"}}"#]), 2, "missing field"),
        (join(&[store, "{\"lane\":{}}"]), 2, "missing field"),
        (join(&[store, over, &other.replace(r#""0x0202"#, r#""0x02"#)]), 3, "has not 32 bytes"),
    ];
    for (text, number, expected) in cases {
        match import(&to, &mut text.as_bytes(), Completeness::Whole, &mut |_| ()) {
            Err(ArchiveError::Line { line, reason }) => {
                assert_eq!(line, number, "{reason}");
                assert!(reason.contains(expected), "{reason}, not {expected}");
            }
            other => panic!("{other:?}, not {expected}"),
        }
        let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "{left:?}: nothing but the first store");
    }
}

#[tokio::test]
async fn only_an_empty_place_is_imported_into() {
    let _quiet = STARTS.read().await;
    let dir = tempfile::tempdir().unwrap();
    let (from, to) = (dir.path().join("from"), dir.path().join("to"));
    fill(&from).await;
    let archive = exported(&from);
    let refused = import(&from, &mut archive.as_bytes(), Completeness::Whole, &mut |_| ());
    assert!(matches!(refused, Err(ArchiveError::Occupied(_))), "{refused:?}");
    // What an import that was killed has left is in nobody's way.
    std::fs::create_dir_all(dir.path().join("to.importing/log")).unwrap();
    std::fs::create_dir(&to).unwrap();
    import(&to, &mut archive.as_bytes(), Completeness::Whole, &mut |_| ()).unwrap();
    assert_eq!(exported(&to).lines().count(), 7);
}

#[test]
fn there_must_be_a_store_to_export() {
    let dir = tempfile::tempdir().unwrap();
    for place in [dir.path().to_owned(), dir.path().join("nowhere")] {
        let exported = export(&place, &mut Vec::new(), &mut |_| ());
        assert!(matches!(exported, Err(ArchiveError::Missing(_))), "{exported:?}");
    }
}
