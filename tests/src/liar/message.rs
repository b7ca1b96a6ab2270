//! JSON-RPC as it passes by: the calls of a request, and answers made up here.

use alloy_primitives::{B256, Bytes as Data, keccak256};
use serde_json::{Value, json};

/// Sends a signed transaction.
pub(super) const SEND_RAW: &str = "eth_sendRawTransaction";

/// One call of a request.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Call {
    pub(super) id: Value,
    pub(super) method: String,
    pub(super) params: Vec<Value>,
}

/// The calls of one request.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Question {
    /// An object.
    Single(Call),
    /// An array of objects.
    Batch(Vec<Call>),
}

impl Question {
    /// What a body asks; nothing when it is no JSON-RPC.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let asked: Value = serde_json::from_slice(body).ok()?;
        match asked.as_array() {
            Some(calls) => calls.iter().map(Call::read).collect::<Option<_>>().map(Self::Batch),
            None => Call::read(&asked).map(Self::Single),
        }
    }

    pub(super) fn calls(&self) -> &[Call] {
        match self {
            Self::Single(call) => std::slice::from_ref(call),
            Self::Batch(calls) => calls,
        }
    }

    /// The body of an answer in the form of this question.
    pub(super) fn body(&self, answers: Vec<Value>) -> Vec<u8> {
        match self {
            Self::Batch(_) => Value::Array(answers),
            Self::Single(call) => {
                answers.into_iter().next().unwrap_or_else(|| json!({ "jsonrpc": "2.0", "id": call.id }))
            }
        }
        .to_string()
        .into_bytes()
    }
}

impl Call {
    fn read(call: &Value) -> Option<Self> {
        let params = match call.get("params") {
            None | Some(Value::Null) => Vec::new(),
            Some(params) => params.as_array()?.clone(),
        };
        Some(Self { id: call.get("id")?.clone(), method: call.get("method")?.as_str()?.to_owned(), params })
    }

    pub(super) fn body(&self) -> Value {
        json!({ "jsonrpc": "2.0", "id": self.id, "method": self.method, "params": self.params })
    }

    /// The hash of the transaction that is sent, if one is.
    pub(super) fn sends(&self) -> Option<B256> {
        let raw: Data = self.params.first().filter(|_| self.method == SEND_RAW)?.as_str()?.parse().ok()?;
        Some(keccak256(&raw))
    }

    /// Whether one of these transactions is looked up by its hash.
    pub(super) fn looks_up(&self, hashes: &[B256]) -> bool {
        let by_hash =
            matches!(self.method.as_str(), "eth_getTransactionReceipt" | "eth_getTransactionByHash");
        let asked = self.params.first().and_then(Value::as_str).and_then(|hash| hash.parse().ok());
        by_hash && asked.is_some_and(|hash: B256| hashes.contains(&hash))
    }
}

/// An answer with an error.
pub(super) fn error_answer(id: &Value, code: i64, message: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } })
}

/// An answer with a result.
pub(super) fn answer(id: &Value, result: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "result": result })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_call_is_answered_by_an_object_and_several_by_an_array() {
        let single = Question::read(br#"{"id":1,"method":"eth_chainId"}"#).unwrap();
        assert_eq!(single.body(vec![answer(&json!(1), json!("0x1"))])[0], b'{');
        assert_eq!(single.body(Vec::new()), br#"{"id":1,"jsonrpc":"2.0"}"#);
        let batch = Question::read(br#"[{"id":1,"method":"eth_chainId","params":[]}]"#).unwrap();
        assert_eq!(batch.calls(), single.calls());
        assert_eq!(batch.body(Vec::new()), b"[]");
    }

    #[test]
    fn what_is_no_call_is_nothing() {
        for body in ["", "<html>", "[1]", "{}", r#"{"id":1,"method":"a","params":{"named":1}}"#] {
            assert_eq!(Question::read(body.as_bytes()), None, "{body}");
        }
    }
}
