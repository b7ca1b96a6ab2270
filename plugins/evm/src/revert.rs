//! Why a contract refused: decodes revert data, and tells what trying again could mend.
//!
//! The texts are those of Uniswap V2 and V3, their forks, and the common ERC-20 implementations; the selectors are
//! those of ERC-6093, of Solady, of Permit2 and of the Universal Router.

use crate::rpc::Fault;
use alloy_primitives::Bytes;
use alloy_sol_types::{Panic, Revert, SolError};
use orderd_sdk::plugin::PluginError;
use serde_json::Value;

/// A contract's refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reverted {
    /// In words, as far as there are any.
    pub(crate) reason: String,
    /// The raw data.
    pub(crate) data: Bytes,
}

/// What a refusal is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The price has moved, or the deadline has passed.
    Market,
    /// The account has too little of the token.
    Balance,
    /// The account has not allowed so much of the token to be taken.
    Allowance,
    /// One of the two; the words do not tell which.
    Either,
    /// Anything else.
    Other,
}

const MARKET: [&str; 7] = [
    "INSUFFICIENT_OUTPUT_AMOUNT",
    "INSUFFICIENT_LIQUIDITY",
    "EXPIRED",
    "Too little received",
    "Too much requested",
    "Transaction too old",
    "Price slippage check",
];

/// In lower case, with spaces between the words; so are those below.
const BALANCE: [&str; 2] = ["exceeds balance", "insufficient balance"];

const ALLOWANCE: [&str; 3] = ["exceeds allowance", "exceeds spender allowance", "insufficient allowance"];

/// Routers say so in place of the token's own words.
const EITHER: [&str; 2] = ["transfer from failed", "transferfrom failed"];

/// Selectors of errors without a text: their name, and what they are about.
const SELECTORS: [([u8; 4], &str, Cause); 10] = [
    ([0xe4, 0x50, 0xd3, 0x8c], "ERC20InsufficientBalance", Cause::Balance),
    ([0xfb, 0x8f, 0x41, 0xb2], "ERC20InsufficientAllowance", Cause::Allowance),
    ([0xf4, 0xd6, 0x78, 0xb8], "InsufficientBalance", Cause::Balance),
    ([0x13, 0xbe, 0x25, 0x2b], "InsufficientAllowance", Cause::Allowance),
    ([0x79, 0x39, 0xf4, 0x24], "TransferFromFailed", Cause::Either),
    ([0x52, 0x74, 0xaf, 0xe7], "SafeERC20FailedOperation", Cause::Other),
    ([0xf9, 0x6f, 0xb0, 0x71], "InsufficientAllowance", Cause::Allowance),
    ([0xd8, 0x1b, 0x2f, 0x2e], "AllowanceExpired", Cause::Allowance),
    ([0x8b, 0x06, 0x3d, 0x73], "V4TooLittleReceived", Cause::Market),
    ([0x5b, 0xf6, 0xf9, 0x16], "TransactionDeadlinePassed", Cause::Market),
];

impl Reverted {
    /// The refusal in a node's error, unless the error is about something else.
    pub(crate) fn in_fault(fault: &Fault) -> Option<Self> {
        let message = fault.message.to_ascii_lowercase();
        let data = revert_data(fault.data.as_ref());
        let is_revert = fault.code == 3
            || message.contains("revert")
            || message.contains("invalid opcode")
            || message.starts_with("out of gas");
        if !is_revert {
            return None;
        }
        let data = data.unwrap_or_default();
        let reason = words(&data).unwrap_or_else(|| unprefixed(&fault.message));
        Some(Self { reason, data })
    }

    /// What the daemon should make of a transaction that would be refused like this.
    pub(crate) fn into_error(self) -> PluginError {
        match self.cause() {
            Cause::Market => PluginError::transient(format!("the swap would fail now: {}", self.reason)),
            Cause::Balance => {
                PluginError::insufficient_funds(format!("the token balance is too small: {}", self.reason))
            }
            Cause::Allowance => PluginError::insufficient_allowance(format!(
                "the token allowance is too small: {}",
                self.reason
            )),
            Cause::Either => PluginError::insufficient_funds(format!(
                "the token balance or the token allowance is too small: {}",
                self.reason
            )),
            Cause::Other => {
                PluginError::transient(format!("the transaction would fail now: {}", self.reason))
            }
        }
    }

    /// What it is about, by its own words.
    pub(crate) fn cause(&self) -> Cause {
        if let Some((_, cause)) = self.data.get(..4).and_then(selector) {
            return cause;
        }
        let spaced = self.reason.to_ascii_lowercase().replace(['_', '-'], " ");
        let says = |texts: &[&str]| texts.iter().any(|text| spaced.contains(text));
        let is_stf = || self.reason.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == "STF");
        match () {
            () if says(&ALLOWANCE) => Cause::Allowance,
            () if says(&BALANCE) => Cause::Balance,
            () if says(&EITHER) || is_stf() => Cause::Either,
            () if MARKET.iter().any(|text| self.reason.contains(text)) => Cause::Market,
            () => Cause::Other,
        }
    }
}

/// Nodes put the data into the error as a string, with or without a word before it, or into an object.
fn revert_data(data: Option<&Value>) -> Option<Bytes> {
    let data = data?;
    let text = data.as_str().or_else(|| data.get("data")?.as_str())?;
    let start = text.find("0x")?;
    text[start..].parse().ok()
}

/// The text in revert data; a selector nobody knows is shown as hex; `None` for no data.
fn words(data: &[u8]) -> Option<String> {
    if let Ok(revert) = Revert::abi_decode(data) {
        return Some(printable(&revert.reason));
    }
    if let Ok(panic) = Panic::abi_decode(data) {
        return Some(format!("panic 0x{:02x}", panic.code));
    }
    let head = data.get(..4)?;
    let name = selector(head).map(|(name, _)| name.to_owned());
    Some(name.unwrap_or_else(|| format!("error 0x{}", hex::encode(head))))
}

fn selector(head: &[u8]) -> Option<(&'static str, Cause)> {
    let known = SELECTORS.iter().find(|(selector, ..)| selector == head)?;
    Some((known.1, known.2))
}

fn printable(text: &str) -> String {
    let printable = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    printable.take(200).collect()
}

fn unprefixed(message: &str) -> String {
    let rest = message.strip_prefix("execution reverted").unwrap_or(message);
    match rest.trim_start_matches([':', ' ', ',']) {
        "" => "reverted without a reason".to_owned(),
        rest => printable(rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::U256;
    use orderd_sdk::plugin::ErrorKind;
    use serde_json::json;

    fn fault(message: &str, data: Option<Value>) -> Fault {
        Fault { code: 3, message: message.to_owned(), data }
    }

    fn with_data(bytes: &[u8]) -> Reverted {
        let data = json!(format!("0x{}", hex::encode(bytes)));
        Reverted::in_fault(&fault("execution reverted", Some(data))).unwrap()
    }

    #[test]
    fn a_reason_decides_whether_trying_again_may_help() {
        let cases = [
            ("UniswapV2Router: INSUFFICIENT_OUTPUT_AMOUNT", ErrorKind::Transient),
            ("Too little received", ErrorKind::Transient),
            ("Transaction too old", ErrorKind::Transient),
            ("Pausable: paused", ErrorKind::Transient),
            ("TransferHelper::transferFrom: transferFrom failed", ErrorKind::InsufficientFunds),
            ("TransferHelper: TRANSFER_FROM_FAILED", ErrorKind::InsufficientFunds),
            ("STF", ErrorKind::InsufficientFunds),
            ("ERC20: transfer amount exceeds balance", ErrorKind::InsufficientFunds),
            ("ERC20: transfer amount exceeds allowance", ErrorKind::InsufficientAllowance),
            (
                "Uni::transferFrom: transfer amount exceeds spender allowance",
                ErrorKind::InsufficientAllowance,
            ),
            ("ERC20: insufficient allowance", ErrorKind::InsufficientAllowance),
            ("INSUFFICIENT_ALLOWANCE", ErrorKind::InsufficientAllowance),
            ("Dai/insufficient-balance", ErrorKind::InsufficientFunds),
            ("Dai/insufficient-allowance", ErrorKind::InsufficientAllowance),
            ("lastForm", ErrorKind::Transient),
            ("UniswapV2: TRANSFER_FAILED", ErrorKind::Transient),
        ];
        for (reason, kind) in cases {
            let reverted = with_data(&Revert::from(reason).abi_encode());
            assert_eq!(reverted.reason, reason);
            let error = reverted.into_error();
            assert_eq!(error.kind, kind, "{reason}");
            assert_eq!(error.is_transient(), kind == ErrorKind::Transient);
            assert!(error.message.ends_with(reason));
        }
    }

    #[test]
    fn selectors_have_names_or_are_shown_as_hex() {
        let known = with_data(&[&[0xe4, 0x50, 0xd3, 0x8c][..], &[0; 96]].concat());
        assert_eq!(known.reason, "ERC20InsufficientBalance");
        assert_eq!(known.into_error().kind, ErrorKind::InsufficientFunds);
        let unknown = with_data(&[0xde, 0xad, 0xbe, 0xef, 0]);
        assert_eq!(unknown.reason, "error 0xdeadbeef");
        assert_eq!(unknown.into_error().kind, ErrorKind::Transient);
    }

    #[test]
    fn selectors_are_the_hashes_of_their_signatures() {
        let signatures = [
            "ERC20InsufficientBalance(address,uint256,uint256)",
            "ERC20InsufficientAllowance(address,uint256,uint256)",
            "InsufficientBalance()",
            "InsufficientAllowance()",
            "TransferFromFailed()",
            "SafeERC20FailedOperation(address)",
            "InsufficientAllowance(uint256)",
            "AllowanceExpired(uint256)",
            "V4TooLittleReceived(uint256,uint256)",
            "TransactionDeadlinePassed()",
        ];
        for ((selector, name, _), signature) in SELECTORS.into_iter().zip(signatures) {
            assert!(signature.starts_with(&format!("{name}(")));
            assert_eq!(alloy_primitives::keccak256(signature)[..4], selector, "{name}");
        }
    }

    #[test]
    fn panics_show_their_code() {
        let panic = Panic { code: U256::from(0x11) };
        assert_eq!(with_data(&panic.abi_encode()).reason, "panic 0x11");
    }

    #[test]
    fn every_place_that_nodes_put_data_is_read() {
        let hex = format!("0x{}", hex::encode(Revert::from("STF").abi_encode()));
        for data in [json!(hex), json!(format!("Reverted {hex}")), json!({"data": hex})] {
            assert_eq!(Reverted::in_fault(&fault("x", Some(data))).unwrap().reason, "STF");
        }
    }

    #[test]
    fn without_data_the_message_speaks() {
        let reason = |message| Reverted::in_fault(&fault(message, None)).unwrap().reason;
        assert_eq!(reason("execution reverted: STF"), "STF");
        assert_eq!(reason("execution reverted"), "reverted without a reason");
    }

    #[test]
    fn other_errors_are_no_reverts() {
        let fault = Fault { code: -32005, message: "rate limited".to_owned(), data: None };
        assert_eq!(Reverted::in_fault(&fault), None);
    }
}
