//! How clients are shown.

use crate::{
    report::{Report, counted, fact, json_line, part},
    table::Table,
};
use orderd_sdk::wire::{ClientReport, Clients, Topic};
use std::io::{self, Write};

impl Report for Clients {
    fn table(&self, out: &mut dyn Write) -> io::Result<()> {
        let titles = ["CLIENT", "NAME", "ADDRESS", "PROGRAM", "SINCE", "FOLLOWS", "WAITING", "LAG"];
        let mut table = Table::titled(&titles);
        for client in &self.clients {
            table.row([
                &client.id,
                client.name.as_deref().unwrap_or("-"),
                &client.address,
                client.user_agent.as_deref().unwrap_or("-"),
                &client.since.to_string(),
                &follows(client),
                &client.buffered_messages.to_string(),
                &client.lag.to_string(),
            ]);
        }
        if table.has_rows() {
            table.write(out)?;
        }
        match self.total - (self.clients.len() as u64).min(self.total) {
            0 => Ok(()),
            others => writeln!(out, "and {others} others, less behind"),
        }
    }

    fn words(&self) -> Vec<String> {
        let total = format!("{} connected", counted(self.total, "client"));
        std::iter::once(total).chain(self.clients.iter().map(words)).collect()
    }

    fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        self.clients.iter().try_for_each(|client| json_line(client, out))
    }
}

fn words(client: &ClientReport) -> String {
    fact([
        format!("client {}", client.id),
        part("name", client.name.as_ref()),
        format!("from {}", client.address),
        part("program", client.user_agent.as_ref()),
        format!("connected {}", client.since),
        format!("follows {}", follows(client)),
        format!("{} waiting", counted(client.buffered_messages, "message")),
        format!("{} behind", counted(client.lag, "event")),
    ])
}

fn follows(client: &ClientReport) -> String {
    let topics: Vec<_> = client.subscriptions.iter().map(|subscription| name(subscription.topic)).collect();
    match topics.is_empty() {
        true => "nothing".to_owned(),
        false => topics.join(" "),
    }
}

fn name(topic: Topic) -> &'static str {
    match topic {
        Topic::Orders => "orders",
        Topic::Queue => "queue",
        Topic::Venues => "venues",
        Topic::Clients => "clients",
        Topic::Logs => "logs",
        Topic::Status => "status",
        Topic::Actions => "actions",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verbs::samples::{client, shown};

    #[test]
    fn clients_are_shown_with_what_they_follow_and_how_far_behind_they_are() {
        let clients = Clients { total: 3, clients: vec![client("ws-7")] };
        let table = "\
CLIENT  NAME  ADDRESS          PROGRAM   SINCE                     FOLLOWS       WAITING  LAG
ws-7    bot   127.0.0.1:51414  desk/1.2  2026-09-21T14:13:20.000Z  orders queue  12       19
and 2 others, less behind
";
        let words = "\
3 clients connected
client ws-7, name bot, from 127.0.0.1:51414, program desk/1.2, connected 2026-09-21T14:13:20.000Z, \
follows orders queue, 12 messages waiting, 19 events behind
";
        let [is_table, is_words, json] = shown(&clients);
        assert_eq!((is_table.as_str(), is_words.as_str()), (table, words));
        assert_eq!(serde_json::from_str::<ClientReport>(&json).unwrap(), client("ws-7"));
    }
}
