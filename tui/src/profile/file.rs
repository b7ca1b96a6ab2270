//! The configuration file: profiles by name, and which of them is meant when none is named.

use super::{
    Charset, ColourDepth, Mouse, ProfileError, ThemeName,
    reader::{Problems, Reader},
};
use crate::console::model::{Access, Guarded};
use orderd_sdk::client::Client;
use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, ErrorKind, Read},
    path::{Path, PathBuf},
};
use toml::{Table, Value};

/// A longer file is something else.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// The profiles of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Profiles {
    /// The one that is meant when none is named.
    pub(super) default: Option<String>,
    pub(super) by_name: BTreeMap<String, Written>,
}

/// What a profile says, and nothing of what it leaves out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) url: Option<String>,
    pub(super) token_file: Option<PathBuf>,
    pub(super) guarded: Option<Guarded>,
    pub(super) access: Option<Access>,
    pub(super) theme: Option<ThemeName>,
    pub(super) colours: Option<ColourDepth>,
    pub(super) charset: Option<Charset>,
    pub(super) mouse: Option<Mouse>,
}

impl Profiles {
    /// Reads the file; one that is not there says nothing. What begins with `~/` is under `home`, and any other relative
    /// path beside the file.
    pub(crate) fn load(file: &Path, home: Option<&Path>) -> Result<Self, ProfileError> {
        let text = match read(file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => return Err(ProfileError::Unreadable { file: file.to_owned(), source }),
        };
        let folder = file.parent().unwrap_or(Path::new("."));
        let mut problems = Problems::default();
        let profiles = Self::parse(&text, &Folders { beside: folder, home }, &mut problems);
        match problems.into_sorted() {
            problems if problems.is_empty() => Ok(profiles),
            problems => Err(ProfileError::Invalid { file: file.to_owned(), problems }),
        }
    }

    fn parse(text: &str, folders: &Folders<'_>, problems: &mut Problems) -> Self {
        let table = match text.parse::<Table>() {
            Ok(table) => table,
            Err(error) => {
                problems.add(place(text, &error), error.message());
                return Self::default();
            }
        };
        let mut root = Reader::new("", table, problems);
        let default = root.text("default");
        let tables = root.table("profiles").unwrap_or_default();
        root.finish();
        let mut by_name = BTreeMap::new();
        for (name, value) in tables {
            let profile = Written::read(&name, value, folders, problems);
            by_name.insert(name, profile);
        }
        if default.as_ref().is_some_and(|name| !by_name.contains_key(name)) {
            problems.add("default", "there is no such profile");
        }
        Self { default, by_name }
    }
}

impl Written {
    fn read(name: &str, value: Value, folders: &Folders<'_>, problems: &mut Problems) -> Self {
        let path = format!("profiles.{name}");
        let Value::Table(table) = value else {
            problems.add(path, "expected a table");
            return Self::default();
        };
        let mut reader = Reader::new(path, table, problems);
        let profile = Self {
            url: reader.text("url"),
            token_file: reader.text("token_file").map(|file| folders.resolve(&file)),
            guarded: reader.boolean("protected").map(|on| if on { Guarded::Yes } else { Guarded::No }),
            access: reader.boolean("read_only").map(|on| if on { Access::Look } else { Access::Change }),
            theme: reader.word("theme"),
            colours: reader.word("colours"),
            charset: reader.boolean("ascii").map(|on| if on { Charset::Ascii } else { Charset::Unicode }),
            mouse: reader.boolean("mouse").map(|on| if on { Mouse::On } else { Mouse::Off }),
        };
        if let Some(Err(error)) = profile.url.as_deref().map(Client::new) {
            reader.wrong::<()>("url", &error.to_string());
        }
        reader.finish();
        profile
    }
}

/// Where relative paths begin.
struct Folders<'a> {
    beside: &'a Path,
    home: Option<&'a Path>,
}

impl Folders<'_> {
    fn resolve(&self, text: &str) -> PathBuf {
        match (text.strip_prefix("~/"), self.home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => self.beside.join(text),
        }
    }
}

fn read(file: &Path) -> io::Result<String> {
    let mut text = String::new();
    let mut file = File::open(file)?.take(MAX_FILE_BYTES + 1);
    match file.read_to_string(&mut text)? as u64 > MAX_FILE_BYTES {
        true => Err(io::Error::new(ErrorKind::FileTooLarge, "it is longer than 1 MiB")),
        false => Ok(text),
    }
}

/// The line in which a text stops to be TOML.
fn place(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start));
    before.map_or(String::new(), |before| format!("line {}", before.matches('\n').count() + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Profiles, ProfileError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        std::fs::write(&file, text).unwrap();
        Profiles::load(&file, Some(Path::new("/home/me")))
    }

    #[test]
    fn a_profile_says_what_it_says_and_nothing_else() {
        let text = r#"
default = "local"
[profiles.local]
[profiles.prod]
url = "http://127.0.0.1:3001"
token_file = "~/tokens/prod"
protected = true
read_only = true
theme = "light"
colours = "ansi16"
ascii = true
mouse = false
"#;
        let profiles = load(text).unwrap();
        assert_eq!(profiles.default.as_deref(), Some("local"));
        assert_eq!(profiles.by_name["local"], Written::default());
        let expected = Written {
            url: Some("http://127.0.0.1:3001".into()),
            token_file: Some("/home/me/tokens/prod".into()),
            guarded: Some(Guarded::Yes),
            access: Some(Access::Look),
            theme: Some(ThemeName::Light),
            colours: Some(ColourDepth::Ansi16),
            charset: Some(Charset::Ascii),
            mouse: Some(Mouse::Off),
        };
        assert_eq!(profiles.by_name["prod"], expected);
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once_and_no_value_is_shown() {
        let text = r#"
default = "moon"
speed = 1
[profiles.a]
url = "ftp://s3cr3t"
token = "s3cr3t"
protected = "yes"
theme = "s3cr3t"
[profiles]
b = 7
"#;
        let told = load(text).unwrap_err().to_string();
        for problem in [
            "default: there is no such profile",
            "speed: no such setting; there are default, profiles",
            "profiles.a.url: ",
            "profiles.a.token: no such setting; there are url, token_file",
            "profiles.a.protected: expected true or false, got a text",
            "profiles.a.theme: expected one of dark, light",
            "profiles.b: expected a table",
        ] {
            assert!(told.contains(problem), "{problem} in {told}");
        }
        assert!(!told.contains("s3cr3t"), "{told}");
    }

    #[test]
    fn what_is_no_toml_is_told_by_its_line_and_what_is_not_there_says_nothing() {
        let told = load("default = \"a\"\nx = = 1\n").unwrap_err().to_string();
        assert!(told.contains("config.toml: line 2: "), "{told}");
        let nothing = Profiles::load(Path::new("/no/such/config.toml"), None).unwrap();
        assert_eq!(nothing, Profiles::default());
    }

    #[test]
    fn a_relative_path_begins_beside_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        std::fs::write(&file, "[profiles.a]\ntoken_file = \"a.token\"").unwrap();
        let profiles = Profiles::load(&file, None).unwrap();
        assert_eq!(profiles.by_name["a"].token_file, Some(folder.path().join("a.token")));
    }
}
