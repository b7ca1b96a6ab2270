//! The tokens of those who may call. What leaves this room are their digests.

use super::{
    error::{SecretError, TokenError, TokenProblem, TokensError},
    secret::Secret,
};
use crate::config::{Environment, Scope, TokenSettings};
use std::{collections::BTreeMap, fmt};

/// A token, as far as it is needed to recognise it. Its `Debug` text shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// Its name in the configuration.
    pub name: String,
    /// What its bearer may do.
    pub scope: Scope,
    /// The SHA-256 digest of its text.
    pub digest: [u8; 32],
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("name", &self.name).field("scope", &self.scope).finish_non_exhaustive()
    }
}

/// Reads all tokens.
///
/// # Errors
/// Every token that is missing, malformed, open to other users, or there twice.
pub fn load_tokens(
    settings: &BTreeMap<String, TokenSettings>,
    environment: &Environment,
) -> Result<Vec<Token>, TokensError> {
    let (mut tokens, mut problems) = (Vec::new(), Vec::new());
    for (name, settings) in settings {
        match read_token(name, settings, environment, &tokens) {
            Ok(token) => tokens.push(token),
            Err(error) => problems.push(TokenProblem { token: name.clone(), error }),
        }
    }
    match problems.is_empty() {
        true => Ok(tokens),
        false => Err(TokensError { problems }),
    }
}

fn read_token(
    name: &str,
    TokenSettings { source, scope }: &TokenSettings,
    environment: &Environment,
    others: &[Token],
) -> Result<Token, TokenError> {
    let digest = Secret::read(source, environment)?.token_digest();
    let digest = digest.map_err(|error| SecretError::malformed(source, &error))?;
    match others.iter().find(|other| other.digest == digest) {
        Some(other) => Err(TokenError::Shared { with: other.name.clone() }),
        None => Ok(Token { name: name.to_owned(), scope: *scope, digest }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::KeySource;
    use k256::sha2::{Digest, Sha256};

    fn load(tokens: &[(&str, KeySource)]) -> Result<Vec<Token>, TokensError> {
        let settings = tokens.iter().map(|(name, source)| {
            ((*name).to_owned(), TokenSettings { source: source.clone(), scope: Scope::Trade })
        });
        let environment = Environment::from([
            ("ONE", "0123456789abcdef"),
            ("TWO", "fedcba9876543210"),
            ("SHORT", "s3cr3t"),
        ]);
        load_tokens(&settings.collect(), &environment)
    }

    fn env(name: &str) -> KeySource {
        KeySource::Env(name.into())
    }

    #[test]
    fn a_token_is_known_by_its_digest() {
        let tokens = load(&[("bot", env("ONE")), ("desk", env("TWO"))]).unwrap();
        let digest = Sha256::digest("0123456789abcdef").into();
        assert_eq!(tokens[0], Token { name: "bot".into(), scope: Scope::Trade, digest });
        assert_eq!((tokens.len(), tokens[1].name.as_str()), (2, "desk"));
    }

    #[test]
    fn every_unusable_token_is_named_and_none_is_shown() {
        let file = KeySource::File("no/such/file".into());
        let error = load(&[
            ("a", env("UNSET")),
            ("b", env("SHORT")),
            ("c", file),
            ("d", env("ONE")),
            ("e", env("ONE")),
        ]);
        let error = error.unwrap_err();
        let shown = error.to_string();
        let lines: Vec<_> = shown.lines().collect();
        assert_eq!(lines[0], "cannot use 4 token(s)");
        assert_eq!(lines[1], "  auth.tokens.a: the variable UNSET of the environment is not set");
        assert_eq!(
            lines[2],
            "  auth.tokens.b: what the variable SHORT of the environment holds is not 16 to 200 visible ASCII characters"
        );
        assert!(lines[3].starts_with("  auth.tokens.c: the file no/such/file cannot be read: "), "{shown}");
        assert_eq!(lines[4], "  auth.tokens.e: is the same token as d; every token needs its own");
        let all = format!("{shown} {error:?}");
        assert!(!all.contains("s3cr3t") && !all.contains("0123"), "{all}");
    }

    #[cfg(unix)]
    #[test]
    fn a_token_file_is_for_the_daemon_alone() {
        use std::{fs, os::unix::fs::PermissionsExt};
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("bot.token");
        fs::write(&path, "0123456789abcdef\n").unwrap();
        for (mode, expected) in [(0o600, true), (0o644, false)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(load(&[("bot", KeySource::File(path.clone()))]).is_ok(), expected, "{mode:o}");
        }
    }
}
