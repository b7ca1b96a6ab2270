//! `kv`: what a plugin stores is there again, within bounds.

use super::Asking;
use crate::folder;
use orderd_sdk::plugin::ErrorKind;
use serde_json::{Value, json};
use std::fs;

fn put(key: &str, text: &str) -> Value {
    json!({"put": [key, {"text": text}]})
}

fn get(key: &str) -> Value {
    json!({"get": key})
}

#[tokio::test]
async fn what_was_stored_is_there_after_a_restart() {
    let folder = folder();
    let asking = Asking::start("", folder.path()).await;
    assert_eq!(asking.ask(get("a")).await, Ok(Value::Null));
    for key in ["a", "b", "c"] {
        asking.ask(put(key, key)).await.unwrap();
    }
    asking.ask(json!({"put": ["b", {"hex": "0xff"}]})).await.unwrap();
    asking.ask(json!({"delete": "c"})).await.unwrap();
    asking.ask(json!({"delete": "never"})).await.unwrap();
    asking.end().await;

    let asking = Asking::start("", folder.path()).await;
    assert_eq!(asking.ask(get("a")).await, Ok(json!({"text": "a"})));
    assert_eq!(asking.ask(get("b")).await, Ok(json!({"hex": "0xff"})));
    assert_eq!(asking.ask(get("c")).await, Ok(Value::Null));
    assert_eq!(asking.ask(json!({"list": {}})).await, Ok(json!(["a", "b"])));
    assert_eq!(asking.ask(json!({"list": {"prefix": "", "after": "a"}})).await, Ok(json!(["b"])));
    asking.end().await;
}

#[tokio::test]
async fn keys_values_and_all_of_it_together_are_bounded() {
    let asking = Asking::start("kv_max_kib = 65", folder().path()).await;
    let kind = async |command: Value| asking.ask(command).await.unwrap_err().kind;
    for key in ["", &"k".repeat(257)] {
        assert_eq!(kind(put(key, "")).await, ErrorKind::Invalid);
        assert_eq!(kind(get(key)).await, ErrorKind::Invalid);
    }
    asking.ask(put(&"k".repeat(256), "")).await.unwrap();
    assert_eq!(kind(put("large", &"v".repeat(65_537))).await, ErrorKind::Invalid);
    asking.ask(put("large", &"v".repeat(65_536))).await.unwrap();
    let full = asking.ask(put("more", &"v".repeat(1_000))).await.unwrap_err();
    assert_eq!(full.kind, ErrorKind::Permanent);
    assert!(full.message.contains("kv_max_kib"), "{full}");
    assert_eq!(asking.ask(get("more")).await, Ok(Value::Null));
    asking.ask(put("large", "")).await.unwrap();
    asking.ask(put("more", &"v".repeat(1_000))).await.unwrap();
    asking.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_versions_of_a_plugin_have_one_memory() {
    let folder = folder();
    let old = Asking::start("", folder.path()).await;
    let new = Asking::version(old.shared.clone(), "", folder.path()).await;
    for n in 0..20 {
        let (old_key, new_key) = (format!("old/{n}"), format!("new/{n}"));
        let (of_old, of_new) = tokio::join!(old.ask(put(&old_key, "1")), new.ask(put(&new_key, "2")));
        of_old.and(of_new).unwrap();
    }
    assert_eq!(new.ask(get("old/0")).await, Ok(json!({"text": "1"})));
    old.end().await;
    new.end().await;

    let asking = Asking::start("", folder.path()).await;
    let kept = asking.ask(json!({"list": {}})).await.unwrap();
    assert_eq!(kept.as_array().unwrap().len(), 40, "nobody overwrote what the other had stored");
    asking.end().await;
}

#[tokio::test]
async fn a_damaged_memory_is_told_and_left_alone() {
    let folder = folder();
    let asking = Asking::start("", folder.path()).await;
    asking.ask(put("a", "1")).await.unwrap();
    asking.end().await;
    let file = folder.path().join("rfq.kv");
    let damaged = fs::read_to_string(&file).unwrap().replace('1', "2");
    fs::write(&file, &damaged).unwrap();

    let asking = Asking::start("", folder.path()).await;
    for command in [get("a"), put("a", "3"), json!({"delete": "a"}), json!({"list": {}})] {
        let error = asking.ask(command).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Permanent);
        assert!(error.message.contains("rfq.kv is damaged"), "{error}");
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), damaged);
    asking.end().await;
}

#[tokio::test]
async fn what_cannot_be_written_is_not_acknowledged_and_not_shown() {
    let folder = folder();
    let asking = Asking::start("", folder.path()).await;
    asking.ask(put("a", "1")).await.unwrap();
    // Where the new file would be written, something else is in the way.
    let in_the_way = folder.path().join("rfq.new");
    fs::create_dir(&in_the_way).unwrap();
    let error = asking.ask(put("a", "2")).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Transient);
    assert_eq!(asking.ask(get("a")).await, Ok(json!({"text": "1"})));
    fs::remove_dir(&in_the_way).unwrap();
    asking.ask(put("a", "2")).await.unwrap();
    assert_eq!(asking.ask(get("a")).await, Ok(json!({"text": "2"})));
    asking.end().await;
}
