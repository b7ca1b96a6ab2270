//! For fuzzers and tests only: what a daemon says, read as a client does.

use super::{
    Clients, Connection, LogMessage, OrderChanges, OrderMessage, OrderPage, Problem, Queue, Signal, Snapshot,
    Status, Subscribed, TopicMessage, Venues,
};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;

/// Whatever bytes a daemon sends, reading them is no more than an error; what can be read says the same when it is
/// written and read again. Tells whether it can be read.
pub fn server_message(bytes: &[u8]) -> bool {
    let read = [
        again::<Connection>(bytes),
        again::<Subscribed>(bytes),
        again::<Snapshot>(bytes),
        again::<OrderMessage>(bytes),
        again::<Signal>(bytes),
        again::<TopicMessage<Queue>>(bytes),
        again::<TopicMessage<Venues>>(bytes),
        again::<TopicMessage<Clients>>(bytes),
        again::<TopicMessage<Status>>(bytes),
        again::<LogMessage>(bytes),
        again::<OrderChanges>(bytes),
        again::<OrderPage>(bytes),
        again::<Problem>(bytes),
    ];
    read.contains(&true)
}

fn again<T: Serialize + DeserializeOwned + PartialEq + Debug>(bytes: &[u8]) -> bool {
    let Ok(read) = serde_json::from_slice::<T>(bytes) else {
        return false;
    };
    let written = serde_json::to_string(&read).expect("what was read can be written");
    let again: T = serde_json::from_str(&written).expect("what was written can be read");
    assert_eq!(again, read, "{written}");
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{prelude::*, sample::Index};
    use std::{fs, path::Path, sync::LazyLock};

    static SEEDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fuzz/corpus/server_message");
        let files = fs::read_dir(folder).expect("there are seeds");
        files.map(|file| fs::read(file.unwrap().path()).unwrap()).collect()
    });

    #[test]
    fn what_the_fuzzer_begins_with_can_be_read() {
        assert!(!SEEDS.is_empty());
        for seed in SEEDS.iter() {
            assert!(server_message(seed), "{}", String::from_utf8_lossy(seed));
        }
    }

    proptest! {
        #[test]
        fn a_message_with_wrong_bytes_is_taken(
            seed in any::<Index>(),
            edits in prop::collection::vec((any::<Index>(), any::<u8>()), 1..4),
        ) {
            let mut bytes = seed.get(&SEEDS).clone();
            for (place, byte) in edits {
                *place.get_mut(&mut bytes) = byte;
            }
            server_message(&bytes);
        }
    }
}
