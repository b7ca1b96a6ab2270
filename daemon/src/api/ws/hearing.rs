//! What a client says, and what is done about it.

use super::{
    End,
    inbound::{self, Refusal},
    lines::Lines,
    orders::{NotBegun, Orders},
    request::{Request, What},
    session::{Kind, Session},
    source::{Source, Whole},
    sources::Sources,
};
use crate::{api::auth::Access, config::Scope};
use hyper_tungstenite::tungstenite::Message;
use orderd_sdk::wire::{ClientMessage, Signal, Subscribe, Subscribed, Topic};
use tokio::time::Instant;

impl Session {
    /// Takes what the client says, and answers it.
    ///
    /// # Errors
    /// When the client has to be closed.
    pub(super) async fn hear(&mut self, message: Message) -> Result<(), End> {
        self.heard = Instant::now();
        if matches!(message, Message::Pong(_)) {
            return Ok(());
        }
        if matches!(message, Message::Close(_)) {
            return Err(End::Closed);
        }
        self.messages += 1;
        if self.messages > self.state.settings.max_messages {
            return Err(End::Flooding);
        }
        let answered = match inbound::read(&message) {
            None => Ok(()),
            Some(Ok(ClientMessage::Auth { token })) => return self.authenticate(&token),
            Some(Ok(said)) => self.answer(said).await,
            Some(Err(refusal)) => Err(refusal),
        };
        if let Err(refusal) = answered {
            self.tell(&refusal.signal());
        }
        Ok(())
    }

    /// The client says who it is. Where nobody has to, everybody may do everything.
    fn authenticate(&mut self, token: &str) -> Result<(), End> {
        let (name, scope) = match self.state.auth.check(token) {
            Some(identity) => {
                let told = (identity.name.to_string(), identity.scope);
                self.access = Access::Granted(identity);
                self.admit();
                told
            }
            None if self.access == Access::Anonymous => ("anonymous".to_owned(), Scope::Admin),
            None => return Err(End::Unauthenticated),
        };
        self.tell(&Signal::Authenticated { name, scope: scope.as_str().to_owned() });
        Ok(())
    }

    async fn answer(&mut self, said: ClientMessage) -> Result<(), Refusal> {
        match said {
            ClientMessage::Ping => {
                let (cursor, top) = self.position();
                self.tell(&Signal::Pong { cursor, top });
                Ok(())
            }
            ClientMessage::Pong | ClientMessage::Auth { .. } => Ok(()),
            ClientMessage::Subscribe(_) | ClientMessage::Unsubscribe { .. }
                if self.access == Access::Pending =>
            {
                Err(Refusal::of("unauthenticated", "say who it is first, with auth"))
            }
            ClientMessage::Subscribe(_) | ClientMessage::Unsubscribe { .. }
                if self.kind == Kind::OneOrder =>
            {
                Err(Refusal::of("unknown-message", "subscriptions are for /api/stream"))
            }
            ClientMessage::Subscribe(subscribe) => self.subscribe(subscribe).await,
            ClientMessage::Unsubscribe { id } => self.unsubscribe(id),
        }
    }

    async fn subscribe(&mut self, subscribe: Subscribe) -> Result<(), Refusal> {
        let Request { id, topic, batch, what } = Request::check(subscribe)?;
        if let Err(error) = self.access.require(scope_of(topic)) {
            return Err(Refusal::of("forbidden", error.detail()).about(&id));
        }
        if self.sources.has(&id) {
            return Err(Refusal::of("duplicate-subscription", "there is one of this id").about(&id));
        }
        let most = self.max_subscriptions();
        if self.sources.len() >= most {
            return Err(Refusal::of("too-many-subscriptions", format!("at most {most}")).about(&id));
        }
        let place = self.sources.free_place();
        let source = match what {
            What::Orders(request) => {
                let bell = (self.card().bell().clone(), Sources::bit(place));
                let begun = Orders::begin(&self.state, id.clone(), request, bell, &mut self.pipe).await;
                Source::Orders(Box::new(begun.map_err(|error| refusal(error).about(&id))?))
            }
            What::Whole => {
                self.confirm(&id, topic);
                Source::Whole(Whole { topic, told: 0 })
            }
            What::Logs { filter, lines } => {
                self.confirm(&id, topic);
                Source::Lines(Lines::new(id.clone(), filter, lines))
            }
        };
        self.card().subscribed(id.clone(), topic, source.seat().cloned());
        self.sources.put(place, id, source, batch);
        Ok(())
    }

    fn confirm(&mut self, id: &str, topic: Topic) {
        let cursor = self.state.hub.told();
        self.tell(&Subscribed { id: id.to_owned(), topic, recovered: false, order: None, cursor });
    }

    fn unsubscribe(&mut self, id: String) -> Result<(), Refusal> {
        if !self.sources.remove(&id) {
            return Err(Refusal::of("unknown-subscription", "there is none of this id").about(&id));
        }
        self.card().unsubscribed(&id);
        self.tell(&Signal::Unsubscribed { id });
        Ok(())
    }
}

fn refusal(error: NotBegun) -> Refusal {
    match error {
        NotBegun::Busy => Refusal::of("busy", "too many large snapshots are under way; try again"),
        NotBegun::Unreadable => {
            Refusal::of("storage-unavailable", "an order cannot be read; try again later")
        }
    }
}

/// What a client must be allowed to do to follow a topic: the same as to call for it.
fn scope_of(topic: Topic) -> Scope {
    match topic {
        Topic::Orders | Topic::Queue | Topic::Venues | Topic::Status => Scope::Read,
        Topic::Clients | Topic::Logs | Topic::Actions => Scope::Admin,
    }
}
