//! The table `[auth]`: who may call.

use super::{
    Scope, TokenSettings,
    assemble::{Folders, located},
    names::check_name,
    source::Section,
    suggest::hint,
    value::Found,
    world::read_source,
};
use std::collections::BTreeMap;

const ENV: &str = "token_env";
const FILE: &str = "token_file";

/// Reads the tokens' places and scopes. Only without problems is the result complete.
pub(super) fn read_auth(section: &mut Section<'_>, folders: &Folders) -> BTreeMap<String, TokenSettings> {
    let tokens = section.each("tokens", check_name, read_token);
    let located = |token: TokenSettings| {
        let source = located(&token.source, &folders.config);
        TokenSettings { source, ..token }
    };
    tokens.into_iter().filter_map(|(name, token)| Some((name, located(token?)))).collect()
}

fn read_token(section: &mut Section<'_>) -> Option<TokenSettings> {
    if !section.has(ENV) && !section.has(FILE) {
        section.report_whole(format!("names neither {ENV} nor {FILE}"));
    }
    let source = read_source(section, ENV, FILE);
    let scope = section.required("scope", read_scope);
    let (source, scope) = source.zip(scope)?;
    Some(TokenSettings { source, scope })
}

fn read_scope(found: Found) -> Result<Scope, String> {
    let text = found.text()?;
    let named = Scope::ALL.into_iter().find(|scope| scope.as_str() == text);
    // What is there instead is not shown: it may be a misplaced token.
    named.ok_or_else(|| format!("must be read, trade or admin{}", hint(&text, Scope::ALL.map(Scope::as_str))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{KeySource, Overrides, load::read_text};
    use std::path::Path;

    fn read(text: &str, variables: &[(&str, &str)]) -> Result<BTreeMap<String, TokenSettings>, Vec<String>> {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        read_text(text, Path::new("etc"), &Overrides::default(), &variables.collect())
            .map(|settings| settings.tokens)
            .map_err(|problems| problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_token_has_a_place_and_a_scope() {
        let text = "
            [auth.tokens.bot]
            token_env = 'BOT_TOKEN'
            scope = 'trade'
            [auth.tokens.ops]
            token_file = 'keys/ops.token'
            scope = 'read'";
        let tokens = read(text, &[("ORDERD_AUTH__TOKENS__OPS__SCOPE", "admin")]).unwrap();
        let bot = TokenSettings { source: KeySource::Env("BOT_TOKEN".into()), scope: Scope::Trade };
        let ops = TokenSettings { source: KeySource::File("etc/keys/ops.token".into()), scope: Scope::Admin };
        assert_eq!(tokens, [("bot".to_owned(), bot), ("ops".to_owned(), ops)].into());
        assert!(read("[auth]", &[]).unwrap().is_empty());
    }

    #[test]
    fn each_mistake_is_told_by_its_key_and_shows_no_token() {
        let text = "
            [auth]
            token = 'secret'
            [auth.tokens]
            a = 'secret'
            b = { scope = 'read' }
            c = { token_env = 'A', token_file = 'b', scope = 'read' }
            d = { token_env = 'A', scope = 'amdin' }
            e = { token_file = 'a' }
            f = { token_env = '0secret', scope = 'secret' }
            g = { token = 'secret', token_env = 'A', scope = 'read' }";
        let expected = [
            "auth.token: unknown key; did you mean tokens?",
            "auth.tokens.a: expected a table, got text",
            "auth.tokens.b: names neither token_env nor token_file",
            "auth.tokens.c: has both token_env and token_file; keep one",
            "auth.tokens.d.scope: must be read, trade or admin; did you mean admin?",
            "auth.tokens.e.scope: is missing",
            "auth.tokens.f.scope: must be read, trade or admin",
            "auth.tokens.f.token_env: must be the name of a variable: letters, digits and _, not beginning with a digit",
            "auth.tokens.g.token: unknown key",
        ];
        assert_eq!(read(text, &[]).unwrap_err(), expected);
    }
}
