//! JSON-RPC 2.0 messages: what a request looks like, and which answer belongs to which call of a batch.

use super::{Fault, RpcError};
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};

/// One call to the node.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    /// Its method.
    pub(crate) method: &'static str,
    /// Its parameters, an array.
    pub(crate) params: Value,
}

/// What the node said to one call.
#[derive(Debug)]
pub(crate) struct Answer(Result<Box<RawValue>, Fault>);

impl Answer {
    /// The result as this type; a `null` is only fine for an `Option`.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, RpcError> {
        let text = self.0.as_ref().map_err(|fault| fault.clone())?;
        serde_json::from_str(text.get()).map_err(|_| RpcError::Malformed("a result of another type"))
    }
}

#[derive(Serialize)]
struct Request<'a> {
    jsonrpc: &'static str,
    id: usize,
    method: &'static str,
    params: &'a Value,
}

#[derive(Deserialize)]
struct Response {
    id: Option<usize>,
    #[serde(default, deserialize_with = "present")]
    result: Option<Box<RawValue>>,
    error: Option<ErrorObject>,
}

#[derive(Deserialize)]
struct ErrorObject {
    code: i64,
    message: String,
    data: Option<Value>,
}

/// A `null` that is there differs from nothing there.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Box::<RawValue>::deserialize(deserializer).map(Some)
}

/// The body of a request: an object for one call, an array for more.
pub(super) fn encode(calls: &[Call]) -> Vec<u8> {
    let requests: Vec<_> = calls.iter().enumerate().map(request).collect();
    let encoded = match requests.as_slice() {
        [only] => serde_json::to_vec(only),
        several => serde_json::to_vec(several),
    };
    encoded.expect("JSON values and strings always serialize")
}

fn request((id, call): (usize, &Call)) -> Request<'_> {
    Request { jsonrpc: "2.0", id, method: call.method, params: &call.params }
}

/// The answers to `count` calls in the order of the calls, whatever order the node chose.
///
/// # Errors
/// When an answer is missing, double or malformed, or the node refused the batch as a whole.
pub(super) fn decode(
    count: usize,
    body: &[u8],
    scrub: impl Fn(&str) -> String,
) -> Result<Vec<Answer>, RpcError> {
    let responses = match body.trim_ascii_start().first() {
        Some(b'[') => serde_json::from_slice(body),
        _ => serde_json::from_slice(body).map(|response| vec![response]),
    };
    let responses: Vec<Response> = responses.map_err(|_| RpcError::Malformed("no JSON-RPC answer"))?;
    let mut answers: Vec<Option<Answer>> = (0..count).map(|_| None).collect();
    for response in responses {
        let place = response.id.and_then(|id| answers.get_mut(id));
        let answer = answer(response, &scrub)?;
        match (place, answer.0) {
            (Some(place @ None), said) => *place = Some(Answer(said)),
            (None, Err(fault)) => return Err(fault.into()),
            (Some(Some(_)), _) | (None, Ok(_)) => return Err(RpcError::Malformed("an answer to no call")),
        }
    }
    let complete: Option<Vec<Answer>> = answers.into_iter().collect();
    complete.ok_or(RpcError::Malformed("an answer is missing"))
}

fn answer(response: Response, scrub: impl Fn(&str) -> String) -> Result<Answer, RpcError> {
    match (response.result, response.error) {
        (Some(result), None) => Ok(Answer(Ok(result))),
        (_, Some(error)) => {
            Ok(Answer(Err(Fault { code: error.code, message: scrub(&error.message), data: error.data })))
        }
        (None, None) => Err(RpcError::Malformed("neither a result nor an error")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn call() -> Call {
        Call { method: "eth_chainId", params: json!([]) }
    }

    fn decoded(count: usize, body: &str) -> Result<Vec<Answer>, RpcError> {
        decode(count, body.as_bytes(), str::to_owned)
    }

    #[test]
    fn one_call_is_an_object_and_several_are_an_array() {
        assert!(encode(&[call()]).starts_with(b"{"));
        assert!(encode(&[call(), call()]).starts_with(b"["));
    }

    #[test]
    fn answers_are_put_into_the_order_of_the_calls() {
        let answers = decoded(2, r#"[{"id":1,"result":"b"},{"id":0,"result":"a"}]"#).unwrap();
        let texts: Vec<String> = answers.iter().map(|answer| answer.read().unwrap()).collect();
        assert_eq!(texts, ["a", "b"]);
    }

    #[test]
    fn null_is_an_answer_and_nothing_is_none() {
        let answers = decoded(1, r#"{"id":0,"result":null}"#).unwrap();
        assert_eq!(answers[0].read::<Option<String>>().unwrap(), None);
        assert!(answers[0].read::<String>().is_err());
        assert!(matches!(decoded(1, r#"{"id":0}"#), Err(RpcError::Malformed(_))));
    }

    #[test]
    fn an_error_belongs_to_its_call() {
        let body =
            r#"[{"id":0,"error":{"code":3,"message":"execution reverted","data":"0x"}},{"id":1,"result":1}]"#;
        let answers = decoded(2, body).unwrap();
        assert!(matches!(answers[0].read::<u8>(), Err(RpcError::Fault(Fault { code: 3, .. }))));
        assert_eq!(answers[1].read::<u8>().unwrap(), 1);
    }

    #[test]
    fn a_batch_may_be_refused_as_a_whole() {
        let body = r#"{"id":null,"error":{"code":-32005,"message":"slow down"}}"#;
        assert!(matches!(decoded(2, body), Err(RpcError::Fault(Fault { code: -32005, .. }))));
    }

    #[test]
    fn what_does_not_fit_the_calls_is_malformed() {
        for body in [
            "",
            "<html>",
            "[]",
            r#"[{"id":0,"result":1}]"#,
            r#"[{"id":0,"result":1},{"id":0,"result":1}]"#,
            r#"[{"id":0,"result":1},{"id":7,"result":1}]"#,
            r#"{"id":null,"result":1}"#,
        ] {
            assert!(matches!(decoded(2, body), Err(RpcError::Malformed(_))), "{body}");
        }
    }
}
