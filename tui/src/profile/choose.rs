//! What is in force: the command line goes before the environment, that before the profile, that before what is built in.
//!
//! A profile that the command line names belongs to the command line, and so goes before the environment: whoever says
//! `--profile prod` is not taken to another daemon by a variable that was set for something else.

use super::{
    Charset, ColourDepth, Looks, Mouse, Profile, ProfileError, Profiles, ThemeName, TokenSource,
    file::Written,
};
use crate::{console::model::Access, environment::Environment};
use std::path::PathBuf;

const DEFAULT_URL: &str = "http://127.0.0.1:3000";

/// What the command line says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Overrides {
    pub(crate) profile: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) token_file: Option<PathBuf>,
    pub(crate) access: Option<Access>,
    pub(crate) theme: Option<ThemeName>,
    pub(crate) colours: Option<ColourDepth>,
    pub(crate) charset: Option<Charset>,
    pub(crate) mouse: Option<Mouse>,
}

/// Considers everything.
pub(crate) fn choose(
    given: &Overrides,
    environment: &Environment,
    profiles: &Profiles,
) -> Result<Profile, ProfileError> {
    let name = given.profile.as_ref().or(environment.profile.as_ref()).or(profiles.default.as_ref());
    let written = match name {
        Some(name) => profiles.by_name.get(name).ok_or_else(|| unknown(name, profiles))?.clone(),
        None => Written::default(),
    };
    let rank = Rank::of(given);
    let url = given.url.clone().or(rank.first(written.url.clone(), environment.url.clone()));
    let url = url.unwrap_or_else(|| DEFAULT_URL.to_owned());
    Ok(Profile {
        name: name.cloned(),
        token: token(given, environment, &written, &url),
        url,
        guarded: written.guarded.unwrap_or_default(),
        access: given.access.or(written.access).unwrap_or(Access::Change),
        looks: looks(given, environment, &written),
    })
}

fn unknown(name: &str, profiles: &Profiles) -> ProfileError {
    ProfileError::Unknown { name: name.to_owned(), known: profiles.by_name.keys().cloned().collect() }
}

/// Which goes first, the profile or the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rank {
    Profile,
    Environment,
}

impl Rank {
    fn of(given: &Overrides) -> Self {
        match given.profile {
            Some(_) => Self::Profile,
            None => Self::Environment,
        }
    }

    fn first<T>(self, profile: Option<T>, environment: Option<T>) -> Option<T> {
        match self {
            Self::Profile => profile.or(environment),
            Self::Environment => environment.or(profile),
        }
    }
}

/// A profile's token is shown to the profile's own daemon, and to no other that the command line or the environment names.
fn token(given: &Overrides, environment: &Environment, written: &Written, url: &str) -> TokenSource {
    if let Some(file) = &given.token_file {
        return TokenSource::File(file.clone());
    }
    let own_url = written.url.as_deref().unwrap_or(DEFAULT_URL);
    let own = written.token_file.clone().filter(|_| own_url == url).map(TokenSource::File);
    let of_environment = environment.token.clone().map(TokenSource::Text);
    Rank::of(given).first(own, of_environment).unwrap_or(TokenSource::None)
}

fn looks(given: &Overrides, environment: &Environment, written: &Written) -> Looks {
    // That a configuration file goes before `NO_COLOR` is said at no-color.org.
    let written_colours = written.colours.filter(|colours| *colours != ColourDepth::Auto);
    Looks {
        theme: given.theme.or(written.theme).unwrap_or_default(),
        colours: given.colours.or(written_colours).or(environment.colours).unwrap_or_default(),
        charset: given.charset.or(written.charset).unwrap_or_default(),
        mouse: given.mouse.or(written.mouse).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::model::Guarded;

    fn profiles() -> Profiles {
        let written = |url: &str| Written { url: Some(url.into()), ..Written::default() };
        let prod = Written {
            token_file: Some("prod.token".into()),
            guarded: Some(Guarded::Yes),
            access: Some(Access::Look),
            colours: Some(ColourDepth::Truecolor),
            ..written("http://prod")
        };
        Profiles {
            default: Some("local".into()),
            by_name: [("local".into(), written("http://local")), ("prod".into(), prod)].into(),
        }
    }

    fn named(profile: &str) -> Overrides {
        Overrides { profile: Some(profile.into()), ..Overrides::default() }
    }

    fn environment() -> Environment {
        Environment {
            url: Some("http://environment".into()),
            token: Some("of-environment".into()),
            ..Environment::default()
        }
    }

    #[test]
    fn the_command_line_goes_before_the_environment_and_that_before_the_profile() {
        let url = |given: &Overrides, environment: &Environment| {
            choose(given, environment, &profiles()).unwrap().url
        };
        let nothing = Environment::default();
        let by_hand = Overrides { url: Some("http://by-hand".into()), ..named("prod") };
        assert_eq!(url(&by_hand, &environment()), "http://by-hand");
        assert_eq!(url(&Overrides::default(), &environment()), "http://environment");
        assert_eq!(url(&Overrides::default(), &nothing), "http://local");
        let of_environment = Environment { profile: Some("prod".into()), ..Environment::default() };
        assert_eq!(url(&Overrides::default(), &of_environment), "http://prod");
        assert_eq!(url(&named("local"), &of_environment), "http://local");
        let bare = choose(&Overrides::default(), &nothing, &Profiles::default()).unwrap();
        assert_eq!((bare.url.as_str(), bare.name, bare.token), (DEFAULT_URL, None, TokenSource::None));
    }

    #[test]
    fn whoever_names_a_profile_gets_its_daemon_whatever_the_environment_says() {
        let profile = choose(&named("prod"), &environment(), &profiles()).unwrap();
        assert_eq!(profile.url, "http://prod");
        assert_eq!(profile.token, TokenSource::File("prod.token".into()));
        assert_eq!((profile.guarded, profile.access), (Guarded::Yes, Access::Look));
    }

    #[test]
    fn a_token_of_a_profile_is_shown_to_its_own_daemon_only() {
        let elsewhere = Overrides { url: Some("http://elsewhere".into()), ..named("prod") };
        let profile = choose(&elsewhere, &Environment::default(), &profiles()).unwrap();
        assert_eq!(profile.token, TokenSource::None);
        assert_eq!(profile.guarded, Guarded::Yes, "it stays as careful");
        let own = Overrides { url: Some("http://prod".into()), ..named("prod") };
        let profile = choose(&own, &Environment::default(), &profiles()).unwrap();
        assert_eq!(profile.token, TokenSource::File("prod.token".into()));
    }

    #[test]
    fn read_only_can_be_asked_for_and_not_be_taken_back() {
        let asked = Overrides { access: Some(Access::Look), ..named("local") };
        assert_eq!(choose(&asked, &Environment::default(), &profiles()).unwrap().access, Access::Look);
        let profile = choose(&named("prod"), &Environment::default(), &profiles()).unwrap();
        assert_eq!(profile.access, Access::Look);
        let profile = choose(&named("local"), &Environment::default(), &profiles()).unwrap();
        assert_eq!(profile.access, Access::Change);
    }

    #[test]
    fn no_colour_in_the_environment_goes_before_auto_and_after_a_choice() {
        let grey = Environment { colours: Some(ColourDepth::None), ..Environment::default() };
        let shown = |given: &Overrides| choose(given, &grey, &profiles()).unwrap().looks.colours;
        assert_eq!(shown(&Overrides::default()), ColourDepth::None);
        assert_eq!(shown(&named("prod")), ColourDepth::Truecolor);
        let by_hand = Overrides { colours: Some(ColourDepth::Ansi16), ..named("prod") };
        assert_eq!(shown(&by_hand), ColourDepth::Ansi16);
        let auto = Overrides { colours: Some(ColourDepth::Auto), ..Overrides::default() };
        assert_eq!(shown(&auto), ColourDepth::Auto);
    }

    #[test]
    fn a_profile_that_is_not_there_is_told_with_those_that_are() {
        let told = choose(&named("moon"), &environment(), &profiles()).unwrap_err().to_string();
        assert_eq!(told, "there is no profile moon; there are local, prod");
    }
}
