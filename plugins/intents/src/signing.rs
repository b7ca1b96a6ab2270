//! From an order to signed bytes and back. The bytes are the body of the request that hands them over, so that whatever
//! was stored is sent again as it is. The key stays in the daemon; what comes back from it is checked.

use crate::{
    api::{Order, SignedCancellation, SignedOrder},
    order::{Domain, Name, Uid},
};
use alloy_primitives::{Address, B256, Signature};
use k256::ecdsa::VerifyingKey;
use orderd_sdk::{
    amount::Amount,
    plugin::{
        Context, Effect, HexBytes, Host, PluginError, Prepared, SignRequest, Signature as HostSignature,
        Signer,
    },
};
use serde::{Serialize, de::DeserializeOwned};

/// Signs for one chain of the configuration.
pub(crate) struct Desk<'a> {
    pub(crate) host: &'a Host,
    /// The chain's name in the configuration.
    pub(crate) chain: &'a str,
    pub(crate) domain: &'a Domain,
}

impl Desk<'_> {
    /// Signs an order.
    ///
    /// # Errors
    /// When the host refuses, or its signature is not of the signer's address.
    pub(crate) async fn sign(
        &self,
        ctx: &Context,
        signer: &Signer,
        sequence: u64,
        order: Order,
    ) -> Result<Prepared, PluginError> {
        let owner = parse_address(&signer.address)?;
        let uid = self.domain.uid(&order, owner);
        // The order is an instruction to the contract, which takes what is sold.
        let effect = Effect::Call { contract: self.domain.settlement.to_string(), value: Amount::ZERO };
        let signature = self.signature(ctx, signer, uid.digest, sequence, effect).await?;
        check_signer(&signature, uid.digest, owner)?;
        let signature = HexBytes(signature.as_bytes().to_vec());
        prepared(&SignedOrder { order, owner, signature }, Name::Order(uid))
    }

    /// Signs the wish that an order be revoked.
    ///
    /// # Errors
    /// As [`Self::sign`].
    pub(crate) async fn sign_cancellation(
        &self,
        ctx: &Context,
        signer: &Signer,
        sequence: u64,
        uid: Uid,
    ) -> Result<Prepared, PluginError> {
        let digest = self.domain.cancellation(&uid);
        let signature = self.signature(ctx, signer, digest, sequence, Effect::Nothing).await?;
        check_signer(&signature, digest, uid.owner)?;
        let signature = HexBytes(signature.as_bytes().to_vec());
        prepared(&SignedCancellation { uid: uid.to_string(), signature }, Name::Cancellation(uid))
    }

    async fn signature(
        &self,
        ctx: &Context,
        signer: &Signer,
        digest: B256,
        sequence: u64,
        effect: Effect,
    ) -> Result<Signature, PluginError> {
        let request = SignRequest {
            chain: self.chain.to_owned(),
            account: signer.account.clone(),
            digest: HexBytes(digest.to_vec()),
            sequence: Some(sequence),
            effect: Some(effect),
        };
        read_signature(&self.host.sign(ctx, request).await?)
    }
}

/// The address of a public key, 33 bytes compressed secp256k1.
///
/// # Errors
/// When the bytes are no such key.
pub(crate) fn address_of(public_key: &[u8]) -> Result<Address, PluginError> {
    let key = VerifyingKey::from_sec1_bytes(public_key)
        .map_err(|_| PluginError::invalid("the public key is not a point of secp256k1"))?;
    Ok(Address::from_public_key(&key))
}

/// # Errors
/// When the text is no address.
pub(crate) fn parse_address(text: &str) -> Result<Address, PluginError> {
    text.parse().map_err(|_| PluginError::invalid(format!("{text:?} is not an address")))
}

/// Reads back an order that [`Desk::sign`] made, and what it is called.
///
/// # Errors
/// When the bytes are none.
pub(crate) fn read_order(domain: &Domain, raw: &[u8]) -> Result<(Order, Uid), PluginError> {
    let SignedOrder { order, owner, .. } = read(raw)?;
    let uid = domain.uid(&order, owner);
    Ok((order, uid))
}

/// The name of signed bytes.
///
/// # Errors
/// When they are neither an order nor a cancellation.
pub(crate) fn name_of(domain: &Domain, raw: &[u8]) -> Result<Name, PluginError> {
    if let Ok((_, uid)) = read_order(domain, raw) {
        return Ok(Name::Order(uid));
    }
    let SignedCancellation { uid, .. } = read(raw)?;
    uid.parse().map(Name::Cancellation)
}

fn read<T: DeserializeOwned>(raw: &[u8]) -> Result<T, PluginError> {
    serde_json::from_slice(raw).map_err(|_| PluginError::invalid("neither a signed order nor a cancellation"))
}

fn prepared(signed: &impl Serialize, name: Name) -> Result<Prepared, PluginError> {
    let raw = serde_json::to_vec(signed).map_err(|error| PluginError::permanent(error.to_string()))?;
    Ok(Prepared { raw: HexBytes(raw), hash: name.to_string() })
}

fn read_signature(signature: &HostSignature) -> Result<Signature, PluginError> {
    let scalar = |bytes: &HexBytes| {
        B256::try_from(bytes.0.as_slice())
            .map_err(|_| PluginError::permanent("the host's signature has no 32-byte scalars"))
    };
    let (r, s) = (scalar(&signature.r)?, scalar(&signature.s)?);
    Ok(Signature::from_scalars_and_parity(r, s, signature.y_odd))
}

/// Contracts want a low `s`, and the signature has to recover to the address that pays.
fn check_signer(signature: &Signature, digest: B256, owner: Address) -> Result<(), PluginError> {
    if signature.normalize_s().is_some() {
        return Err(PluginError::permanent("the host's signature has a high s"));
    }
    match signature.recover_address_from_prehash(&digest) {
        Ok(recovered) if recovered == owner => Ok(()),
        Ok(_) | Err(_) => Err(PluginError::permanent("the host's signature is not of the signer's address")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{DOMAIN, Keeper, order, owner, signer, soon};

    async fn sign(signer: Signer) -> Result<Prepared, PluginError> {
        let host = Host::new(Keeper::default());
        let desk = Desk { host: &host, chain: "main", domain: &DOMAIN };
        desk.sign(&soon(), &signer, 3, order()).await
    }

    #[tokio::test]
    async fn signed_bytes_read_as_what_was_signed_and_recover_to_their_owner() {
        let prepared = sign(signer()).await.unwrap();
        let (read, uid) = read_order(&DOMAIN, &prepared.raw.0).unwrap();
        assert_eq!((read, uid), (order(), DOMAIN.uid(&order(), owner())));
        assert_eq!(prepared.hash, uid.to_string());
        assert_eq!(name_of(&DOMAIN, &prepared.raw.0).unwrap(), Name::Order(uid));
        let signed: SignedOrder = serde_json::from_slice(&prepared.raw.0).unwrap();
        let signature = Signature::try_from(signed.signature.0.as_slice()).unwrap();
        assert_eq!(signature.recover_address_from_prehash(&uid.digest).unwrap(), owner());
    }

    #[tokio::test]
    async fn a_cancellation_names_its_order() {
        let host = Host::new(Keeper::default());
        let desk = Desk { host: &host, chain: "main", domain: &DOMAIN };
        let uid = DOMAIN.uid(&order(), owner());
        let prepared = desk.sign_cancellation(&soon(), &signer(), 3, uid).await.unwrap();
        assert_eq!(prepared.hash, format!("cancel:{uid}"));
        assert_eq!(name_of(&DOMAIN, &prepared.raw.0).unwrap(), Name::Cancellation(uid));
    }

    #[tokio::test]
    async fn a_signature_of_another_key_is_refused() {
        let stranger = Signer { address: Address::repeat_byte(1).to_string(), ..signer() };
        assert!(!sign(stranger).await.unwrap_err().is_transient());
    }

    #[test]
    fn other_bytes_have_no_name() {
        for raw in [&b""[..], b"{}", b"[1]", br#"{"uid":"0x00","signature":"0x"}"#] {
            assert!(name_of(&DOMAIN, raw).is_err(), "{raw:?}");
        }
    }
}
