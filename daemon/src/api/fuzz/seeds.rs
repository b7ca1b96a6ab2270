//! The fuzzers' seeds, as they are and broken.

use proptest::{prelude::*, sample::Index};
use std::{fs, path::Path, sync::LazyLock};

type Target = fn(&[u8]);

const TARGETS: &[(&str, Target)] = &[
    ("frames", super::frames),
    ("message", super::message),
    ("filter", super::filter),
    ("query", super::query),
];

static SEEDS: LazyLock<Vec<(Target, Vec<u8>)>> = LazyLock::new(|| {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fuzz/corpus");
    let mut seeds = Vec::new();
    for (name, target) in TARGETS {
        let before = seeds.len();
        let files = fs::read_dir(corpus.join(name)).expect("each target has seeds");
        seeds.extend(files.map(|file| (*target, fs::read(file.unwrap().path()).unwrap())));
        assert!(seeds.len() > before, "{name} has seeds");
    }
    seeds
});

#[test]
fn what_the_fuzzers_begin_with_is_taken() {
    SEEDS.iter().for_each(|(target, bytes)| target(bytes));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn what_is_broken_in_some_places_is_taken(
        seed in any::<Index>(),
        edits in prop::collection::vec((any::<Index>(), any::<u8>()), 1..4),
        kept in any::<Index>(),
    ) {
        let (target, mut bytes) = seed.get(&SEEDS).clone();
        if !bytes.is_empty() {
            for (place, byte) in edits {
                *place.get_mut(&mut bytes) = byte;
            }
            bytes.truncate(kept.index(bytes.len() * 2).max(1));
        }
        target(&bytes);
    }
}
