//! Who calls, and what they may do.

use crate::{api::problem::ApiError, config::Scope};
use std::sync::Arc;

/// The bearer of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The token's name in the configuration.
    pub name: Arc<str>,
    /// What its bearer may do.
    pub scope: Scope,
}

/// What is known of a caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::api) enum Access {
    /// It has shown a token, or a ticket that it got for one.
    Granted(Identity),
    /// Nobody needs a token: none are configured, or none is asked for here.
    Anonymous,
    /// It has shown nothing, and has to before anything is told to it.
    Pending,
}

impl Access {
    /// Who it is, for whoever reads what was done: a token's name.
    pub(in crate::api) fn name(&self) -> Arc<str> {
        match self {
            Self::Granted(identity) => identity.name.clone(),
            Self::Anonymous | Self::Pending => "anonymous".into(),
        }
    }

    /// Refuses what the caller may not do.
    pub(in crate::api) fn require(&self, needs: Scope) -> Result<(), ApiError> {
        match self {
            Self::Anonymous => Ok(()),
            Self::Granted(identity) if identity.scope >= needs => Ok(()),
            Self::Granted(identity) => Err(ApiError::Forbidden { needs, has: identity.scope }),
            Self::Pending => Err(ApiError::Unauthenticated),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_has_those_before_it() {
        for (at, has) in Scope::ALL.into_iter().enumerate() {
            let access = Access::Granted(Identity { name: "bot".into(), scope: has });
            let allowed = Scope::ALL.map(|needs| access.require(needs).is_ok());
            assert_eq!(allowed, [true, at >= 1, at >= 2], "{has}");
        }
        assert!(Access::Anonymous.require(Scope::Admin).is_ok());
        assert!(matches!(Access::Pending.require(Scope::Read), Err(ApiError::Unauthenticated)));
    }
}
