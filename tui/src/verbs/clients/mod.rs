//! `orderctl clients`: who is connected; and to disconnect one.

mod show;

use super::change::{Deed, Forecast};
use crate::{
    args::{Change, ClientsVerb, Watching},
    failure::Failure,
    session::Session,
    watch,
};
use orderd_sdk::wire::Clients;

/// The most that the daemon tells.
const MOST: u32 = 1000;

/// Shows the clients, or has one leave.
pub(crate) async fn clients(
    session: &mut Session<'_>,
    watching: Watching,
    verb: Option<&ClientsVerb>,
) -> Result<(), Failure> {
    if let Some(ClientsVerb::Disconnect { id, change }) = verb {
        return disconnect(session, id, *change).await;
    }
    let clients = session.client.clients(Some(MOST)).await?;
    match watching.watch {
        true => watch::topic::<Clients>(session).await,
        false => Ok(session.show(&clients)?),
    }
}

async fn disconnect(session: &mut Session<'_>, id: &str, change: Change) -> Result<(), Failure> {
    let target = Some(id.to_owned());
    let deed = Deed { action: "disconnect-client", target, words: format!("disconnect client {id}") };
    if change.dry_run {
        let clients = session.client.clients(Some(MOST)).await?;
        return deed.forecast(session, &forecast(&clients, id));
    }
    deed.confirm(session, change).await?;
    let gone = session.client.disconnect_client(id).await?;
    deed.done(session, format!("client {id} has to leave"), &gone)
}

fn forecast(clients: &Clients, id: &str) -> Forecast {
    match clients.clients.iter().find(|client| client.id == id) {
        Some(client) => {
            let name = client.name.as_ref().map_or(String::new(), |name| format!(" ({name})"));
            Forecast::Done(format!("it is connected from {}{name}", client.address))
        }
        None if clients.total > clients.clients.len() as u64 => {
            Forecast::Done(format!("it is not among the {MOST} that are furthest behind"))
        }
        None => Forecast::Refused("there is no such client".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verbs::samples::client;

    #[test]
    fn a_client_that_is_not_there_would_be_refused_unless_not_all_are_told() {
        let clients = Clients { total: 1, clients: vec![client("ws-7")] };
        let there = Forecast::Done("it is connected from 127.0.0.1:51414 (bot)".into());
        assert_eq!(forecast(&clients, "ws-7"), there);
        assert_eq!(forecast(&clients, "ws-8"), Forecast::Refused("there is no such client".into()));
        let more = Clients { total: 2, ..clients };
        assert!(matches!(forecast(&more, "ws-8"), Forecast::Done(_)));
    }
}
