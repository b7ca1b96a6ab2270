//! From a transaction to signed bytes and back. The key stays in the daemon; what comes back is checked, so that a
//! wrong key can never produce a stranger's transaction.

use crate::effect::effect_of;
use alloy_consensus::{SignableTransaction, Signed, TxEip1559, transaction::RlpEcdsaDecodableTx};
use alloy_primitives::{Address, B256, Signature};
use k256::ecdsa::VerifyingKey;
use orderd_sdk::plugin::{
    Context, HexBytes, Host, PluginError, Prepared, SignRequest, Signature as HostSignature, Signer,
};

/// The address of a public key, 33 bytes compressed secp256k1.
///
/// # Errors
/// When the bytes are no such key.
pub(crate) fn address_of(public_key: &[u8]) -> Result<Address, PluginError> {
    let key = VerifyingKey::from_sec1_bytes(public_key)
        .map_err(|_| PluginError::invalid("the public key is not a point of secp256k1"))?;
    Ok(Address::from_public_key(&key))
}

/// Has the host sign a transaction.
///
/// # Errors
/// When the host refuses, or its signature is not of the signer's address.
pub(crate) async fn sign(
    host: &Host,
    ctx: &Context,
    chain: &str,
    signer: &Signer,
    transaction: TxEip1559,
) -> Result<Prepared, PluginError> {
    let address = crate::transaction::parse_address(&signer.address)?;
    let digest = transaction.signature_hash();
    let request = SignRequest {
        chain: chain.to_owned(),
        account: signer.account.clone(),
        digest: HexBytes(digest.to_vec()),
        sequence: Some(transaction.nonce),
        effect: Some(effect_of(&transaction, address)),
    };
    let signature = read_signature(&host.sign(ctx, request).await?)?;
    check_signer(&signature, digest, address)?;
    Ok(encode(&transaction.into_signed(signature)))
}

/// Reads back a transaction that [`sign`] made.
///
/// # Errors
/// When the bytes are none.
pub(crate) fn decode(raw: &[u8]) -> Result<TxEip1559, PluginError> {
    let mut rest = raw;
    let signed = TxEip1559::eip2718_decode(&mut rest);
    match signed {
        Ok(signed) if rest.is_empty() => Ok(signed.strip_signature()),
        Ok(_) | Err(_) => Err(PluginError::invalid("not a signed EIP-1559 transaction")),
    }
}

fn encode(signed: &Signed<TxEip1559>) -> Prepared {
    let mut raw = Vec::with_capacity(signed.eip2718_encoded_length());
    signed.eip2718_encode(&mut raw);
    Prepared { raw: HexBytes(raw), hash: signed.hash().to_string() }
}

fn read_signature(signature: &HostSignature) -> Result<Signature, PluginError> {
    let scalar = |bytes: &HexBytes| {
        B256::try_from(bytes.0.as_slice())
            .map_err(|_| PluginError::permanent("the host's signature has no 32-byte scalars"))
    };
    let (r, s) = (scalar(&signature.r)?, scalar(&signature.s)?);
    Ok(Signature::from_scalars_and_parity(r, s, signature.y_odd))
}

/// EIP-2 wants a low `s`, and the signature has to recover to the address that will pay.
fn check_signer(signature: &Signature, digest: B256, address: Address) -> Result<(), PluginError> {
    if signature.normalize_s().is_some() {
        return Err(PluginError::permanent("the host's signature has a high s"));
    }
    match signature.recover_address_from_prehash(&digest) {
        Ok(recovered) if recovered == address => Ok(()),
        Ok(_) | Err(_) => Err(PluginError::permanent("the host's signature is not of the signer's address")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fees::Bid;
    use crate::transaction::nothing;
    use alloy_primitives::{TxKind, U256, address, hex, keccak256};
    use k256::ecdsa::SigningKey;
    use orderd_sdk::plugin::{ChainRead, HostServices, Payload, async_trait};
    use std::time::Duration;

    /// The first of the well-known development accounts.
    const KEY: [u8; 32] = hex!("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
    const ADDRESS: Address = address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266");

    struct Keeper(SigningKey);

    #[async_trait]
    impl HostServices for Keeper {
        async fn sign(&self, _: &Context, request: SignRequest) -> Result<HostSignature, PluginError> {
            let (signature, id) = self.0.sign_prehash_recoverable(&request.digest.0).unwrap();
            Ok(HostSignature {
                r: HexBytes(signature.r().to_bytes().to_vec()),
                s: HexBytes(signature.s().to_bytes().to_vec()),
                y_odd: id.is_y_odd(),
            })
        }

        async fn read_chain(&self, _: &Context, _: ChainRead) -> Result<Payload, PluginError> {
            Err(PluginError::permanent("no chain here"))
        }
    }

    fn key() -> SigningKey {
        SigningKey::from_slice(&KEY).unwrap()
    }

    fn transaction() -> TxEip1559 {
        TxEip1559 {
            chain_id: 31337,
            nonce: 7,
            gas_limit: 21_000,
            max_fee_per_gas: 2_000_000_000,
            max_priority_fee_per_gas: 1_000_000_000,
            to: TxKind::Call(address!("70997970C51812dc3A010C7d01b50e0d17dc79C8")),
            value: U256::from(1_000_000_000_000_000_000_u64),
            ..TxEip1559::default()
        }
    }

    async fn signed_as(address: Address, transaction: TxEip1559) -> Result<Prepared, PluginError> {
        let signer = Signer { account: "main".to_owned(), address: address.to_string() };
        let ctx = Context::within(Duration::from_secs(1));
        sign(&Host::new(Keeper(key())), &ctx, "anvil", &signer, transaction).await
    }

    #[test]
    fn a_compressed_key_has_the_known_address() {
        let point = key().verifying_key().to_encoded_point(true);
        let address = address_of(point.as_bytes()).unwrap();
        assert_eq!(address.to_string(), "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
        assert!(address_of(&[2; 33]).is_ok() && address_of(&[0; 33]).is_err() && address_of(&[]).is_err());
    }

    #[tokio::test]
    async fn signed_bytes_decode_to_what_was_signed() {
        let prepared = signed_as(ADDRESS, transaction()).await.unwrap();
        assert_eq!(decode(&prepared.raw.0).unwrap(), transaction());
        assert_eq!(prepared.hash, keccak256(&prepared.raw.0).to_string());
    }

    /// Signatures are deterministic (RFC 6979), so another implementation's bytes are ours: made with ethers 6.
    #[tokio::test]
    async fn a_known_transaction_has_the_known_bytes() {
        let prepared = signed_as(ADDRESS, transaction()).await.unwrap();
        let raw = hex!(
            "02f874827a6907843b9aca0084773594008252089470997970c51812dc3a010c7d01b50e0d17dc79c8880de0b6b3a764000080"
            "c080a0bd6516f7a26cca0741314838067c95f4d2b2f56a0a3c628c469b4cb03fb0eb08a010be16a969013233924b1e505fcc1c"
            "674fbc47c5561999fad27066f8a46eb68f"
        );
        assert_eq!(prepared.raw.0, raw);
        let hash = "0x0817410f1bb6fbd446ad175c36f36ceb5b78653ef9caee2ae142fa030e29b98e";
        assert_eq!(prepared.hash, hash);
    }

    #[tokio::test]
    async fn a_signature_of_another_key_is_refused() {
        let error = signed_as(Address::repeat_byte(1), transaction()).await.unwrap_err();
        assert!(!error.is_transient());
    }

    #[test]
    fn a_high_s_is_refused() {
        let (signature, id) = key().sign_prehash_recoverable(&[1; 32]).unwrap();
        let signature = Signature::from_signature_and_parity(signature, id.is_y_odd());
        assert!(check_signer(&signature, B256::repeat_byte(1), ADDRESS).is_ok());
        let order =
            U256::from_be_bytes(hex!("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"));
        let high = Signature::new(signature.r(), order - signature.s(), !signature.v());
        assert!(check_signer(&high, B256::repeat_byte(1), ADDRESS).is_err());
    }

    #[test]
    fn bytes_with_a_tail_are_no_transaction() {
        let bid = Bid { max_fee: 1, priority_fee: 1 };
        let signed = nothing(1, 0, ADDRESS, bid).into_signed(Signature::test_signature());
        let mut raw = encode(&signed).raw.0;
        assert!(decode(&raw).is_ok());
        raw.push(0);
        assert!(decode(&raw).is_err());
        assert!(decode(&[]).is_err());
    }
}
