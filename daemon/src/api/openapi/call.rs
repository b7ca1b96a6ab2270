//! The words of the table: what a call takes, gives and refuses.

use crate::api::problem::ApiError;
use hyper::StatusCode;
use orderd_sdk::wire::schema::{JsonSchema, Schema, Schemas};
use serde_json::Value;

/// Asks the document for a schema.
pub(super) type SchemaOf = fn(&mut Schemas) -> Schema;

/// A call, as it is described.
pub(super) struct Call {
    /// The path, with `{id}` in place of an id.
    pub(super) path: &'static str,
    /// `get` or `post`.
    pub(super) method: &'static str,
    /// Names the call in generated code.
    pub(super) name: &'static str,
    /// What it does, in a line.
    pub(super) summary: &'static str,
    /// What goes with the path, the query and the head.
    pub(super) parameters: Vec<Parameter>,
    /// The body, and whether it has to be there.
    pub(super) body: Option<(SchemaOf, bool)>,
    /// What it answers when it serves.
    pub(super) returns: Vec<Returns>,
    /// How it answers when it does not.
    pub(super) refusals: Vec<ApiError>,
    /// Whether a handshake turns it into a WebSocket.
    pub(super) upgrades: bool,
    /// Whether it needs a token where there are any.
    pub(super) needs_token: bool,
}

/// Something that goes with the path, the query or the head.
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) place: &'static str,
    pub(super) about: &'static str,
    pub(super) schema: Value,
}

/// An answer.
pub(super) struct Returns {
    pub(super) status: StatusCode,
    pub(super) about: &'static str,
    pub(super) schema: Option<SchemaOf>,
    pub(super) media_type: &'static str,
    pub(super) headers: Vec<Field>,
}

/// A header of an answer, and when it is there.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
}

impl Call {
    pub(super) fn get(path: &'static str, name: &'static str, summary: &'static str) -> Self {
        let (parameters, returns, refusals) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            path,
            method: "get",
            name,
            summary,
            parameters,
            body: None,
            returns,
            refusals,
            upgrades: false,
            needs_token: false,
        }
    }

    pub(super) fn post(path: &'static str, name: &'static str, summary: &'static str) -> Self {
        Self { method: "post", ..Self::get(path, name, summary) }
    }

    pub(super) fn with(mut self, parameter: Parameter) -> Self {
        self.parameters.push(parameter);
        self
    }

    pub(super) fn body<T: JsonSchema>(mut self) -> Self {
        self.body = Some((Schemas::taken::<T>, true));
        self
    }

    pub(super) fn optional_body<T: JsonSchema>(mut self) -> Self {
        self.body = Some((Schemas::taken::<T>, false));
        self
    }

    pub(super) fn returns<T: JsonSchema>(self, status: StatusCode, about: &'static str) -> Self {
        self.answers(status, about, Some(Schemas::given::<T>))
    }

    pub(super) fn header(mut self, name: &'static str, about: &'static str) -> Self {
        self.returns.last_mut().expect("a header belongs to an answer").headers.push(Field { name, about });
        self
    }

    pub(super) fn answers(
        mut self,
        status: StatusCode,
        about: &'static str,
        schema: Option<SchemaOf>,
    ) -> Self {
        let media_type = "application/json";
        self.returns.push(Returns { status, about, schema, media_type, headers: Vec::new() });
        self
    }

    /// The last answer is of this media type, and not JSON.
    pub(super) fn in_media_type(mut self, media_type: &'static str) -> Self {
        self.returns.last_mut().expect("a media type belongs to an answer").media_type = media_type;
        self
    }

    pub(super) fn refuses(mut self, refusals: impl IntoIterator<Item = ApiError>) -> Self {
        self.refusals.extend(refusals);
        self
    }

    /// With a handshake it is a stream.
    pub(super) fn upgrades(mut self) -> Self {
        self.upgrades = true;
        self.answers(StatusCode::SWITCHING_PROTOCOLS, "To a handshake: the stream follows.", None)
    }
}

impl Parameter {
    pub(super) fn path(name: &'static str, about: &'static str, schema: Value) -> Self {
        Self { name, place: "path", about, schema }
    }

    pub(super) fn query(name: &'static str, about: &'static str, schema: Value) -> Self {
        Self { name, place: "query", about, schema }
    }

    pub(super) fn header(name: &'static str, about: &'static str, schema: Value) -> Self {
        Self { name, place: "header", about, schema }
    }
}
