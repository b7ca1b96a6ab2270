//! How far a lagging node sees. Its questions are asked as of its height, and answers from above it are not given.

use alloy_primitives::U64;
use serde_json::{Value, json};

use super::{
    message::{Call, answer, error_answer},
    upstream::{Away, Upstream},
};

/// Which parameter of a method names a block.
const BLOCK_PARAMETERS: [(&str, usize); 9] = [
    ("eth_getBlockByNumber", 0),
    ("eth_getBlockReceipts", 0),
    ("eth_getTransactionCount", 1),
    ("eth_getBalance", 1),
    ("eth_getCode", 1),
    ("eth_call", 1),
    ("eth_estimateGas", 1),
    ("eth_feeHistory", 1),
    ("eth_getStorageAt", 2),
];

/// The newest and the newest final block of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Horizon {
    latest: u64,
    finalized: u64,
}

/// What a lagging node makes of a call.
#[derive(Debug, PartialEq)]
pub(super) enum Seen {
    /// The call, as of its height.
    Asked(Call),
    /// It answers without looking.
    Answered(Value),
}

impl Seen {
    /// The call, if it has to be asked.
    pub(super) fn asked(&self) -> Option<&Call> {
        match self {
            Self::Asked(call) => Some(call),
            Self::Answered(_) => None,
        }
    }
}

impl Horizon {
    /// What a node sees that is so many blocks behind this one.
    pub(super) async fn behind(upstream: &Upstream, blocks: u64) -> Result<Self, Away> {
        let newest = |tag: &str| Call {
            id: json!(tag),
            method: "eth_getBlockByNumber".to_owned(),
            params: vec![json!(tag), json!(false)],
        };
        let answers = upstream.ask(&[newest("latest"), newest("finalized")]).await?;
        let height =
            |place: usize| quantity(&answers[place]["result"]["number"]).unwrap_or(0).saturating_sub(blocks);
        Ok(Self { latest: height(0), finalized: height(1) })
    }

    /// A call as this node hears it.
    pub(super) fn hear(self, mut call: Call) -> Seen {
        if call.method == "eth_blockNumber" {
            return Seen::Answered(answer(&call.id, json!(U64::from(self.latest))));
        }
        let Some((_, place)) = BLOCK_PARAMETERS.iter().find(|(method, _)| *method == call.method) else {
            return Seen::Asked(call);
        };
        while call.params.len() <= *place {
            call.params.push(json!("latest"));
        }
        match self.place(&call.params[*place]) {
            Some(block) => {
                call.params[*place] = block;
                Seen::Asked(call)
            }
            None if call.method.starts_with("eth_getBlock") => Seen::Answered(answer(&call.id, Value::Null)),
            None => Seen::Answered(error_answer(&call.id, -32_000, "header not found")),
        }
    }

    /// Whether a call needs the state of a block that is older than the newest so many.
    pub(super) fn has_pruned(self, call: &Call, kept: u64) -> bool {
        let place = BLOCK_PARAMETERS.iter().find(|(method, _)| *method == call.method);
        let about_state = place.filter(|(method, _)| !method.starts_with("eth_getBlock"));
        let height = about_state.and_then(|(_, place)| call.params.get(*place)).and_then(quantity);
        height.is_some_and(|height| height + kept <= self.latest)
    }

    /// A block of this node's chain; none when it is above it.
    fn place(self, block: &Value) -> Option<Value> {
        match block.as_str() {
            Some("latest" | "pending") => Some(json!(U64::from(self.latest))),
            Some("safe" | "finalized") => Some(json!(U64::from(self.finalized))),
            _ => quantity(block).is_none_or(|number| number <= self.latest).then(|| block.clone()),
        }
    }

    /// An answer as this node gives it: what is in a block above its height it has never seen.
    pub(super) fn censor(self, call: &Call, answer: &mut Value) {
        let number = match call.method.as_str() {
            "eth_getTransactionReceipt" | "eth_getTransactionByHash" => "blockNumber",
            "eth_getBlockByHash" => "number",
            _ => return,
        };
        if quantity(&answer["result"][number]).is_some_and(|number| number > self.latest) {
            answer["result"] = Value::Null;
        }
    }
}

fn quantity(value: &Value) -> Option<u64> {
    value.as_str()?.parse::<U64>().ok().map(|number| number.to())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAGGING: Horizon = Horizon { latest: 16, finalized: 14 };

    fn call(method: &str, params: Value) -> Call {
        Call { id: json!(1), method: method.to_owned(), params: params.as_array().unwrap().clone() }
    }

    #[test]
    fn tags_are_blocks_of_its_own_height() {
        let cases = [
            ("eth_getTransactionCount", json!(["0xa", "latest"]), json!(["0xa", "0x10"])),
            ("eth_getTransactionCount", json!(["0xa", "finalized"]), json!(["0xa", "0xe"])),
            ("eth_getBlockByNumber", json!(["0xf", false]), json!(["0xf", false])),
            ("eth_estimateGas", json!([{}]), json!([{}, "0x10"])),
            ("eth_chainId", json!([]), json!([])),
        ];
        for (method, asked, heard) in cases {
            assert_eq!(LAGGING.hear(call(method, asked)), Seen::Asked(call(method, heard)), "{method}");
        }
    }

    #[test]
    fn a_node_that_forgets_has_the_newest_states_and_all_blocks() {
        let cases = [
            ("eth_getTransactionCount", json!(["0xa", "0xc"]), true),
            ("eth_getTransactionCount", json!(["0xa", "0xd"]), false),
            ("eth_getTransactionCount", json!(["0xa", "finalized"]), false),
            ("eth_getBlockByNumber", json!(["0x1", true]), false),
            ("eth_getTransactionReceipt", json!(["0x1"]), false),
        ];
        for (method, params, lost) in cases {
            assert_eq!(LAGGING.has_pruned(&call(method, params.clone()), 4), lost, "{method} {params}");
        }
    }

    #[test]
    fn what_is_above_its_height_it_does_not_know() {
        let answered = |method, params| match LAGGING.hear(call(method, params)) {
            Seen::Answered(answer) => answer,
            Seen::Asked(call) => panic!("asked {call:?}"),
        };
        assert_eq!(answered("eth_blockNumber", json!([]))["result"], "0x10");
        assert_eq!(answered("eth_getBlockByNumber", json!(["0x11", true]))["result"], Value::Null);
        let refused = answered("eth_getTransactionCount", json!(["0xa", "0x11"]));
        assert_eq!(refused["error"]["message"], "header not found");
    }

    #[test]
    fn a_receipt_above_its_height_is_not_there_yet() {
        let asked = call("eth_getTransactionReceipt", json!(["0xa"]));
        for (number, seen) in [("0x10", true), ("0x11", false)] {
            let mut told = answer(&json!(1), json!({ "blockNumber": number }));
            LAGGING.censor(&asked, &mut told);
            assert_eq!(told["result"].is_object(), seen, "{number}");
        }
    }
}
