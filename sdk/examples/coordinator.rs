//! Prints the lives of all orders, through every break of the connection:
//! `cargo run -p orderd-sdk --features client --example coordinator -- http://127.0.0.1:3000`
#![expect(clippy::print_stdout, reason = "that is what it is for")]

use orderd_sdk::client::{Changed, Client, Coordinator, CoordinatorOptions};
use std::error::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "http://127.0.0.1:3000".to_owned());
    let coordinator = Coordinator::start(Client::new(&url)?, CoordinatorOptions::default());
    let cache = coordinator.cache();
    let (mut changes, mut link) = (cache.changes(), coordinator.watch_link());
    loop {
        tokio::select! {
            // The cache has changed: at most once per frame, with the orders that are different.
            changed = changes.next() => match changed {
                Some(Changed::Ids(ids)) => ids.iter().for_each(|id| match cache.get(id) {
                    Some(order) => println!("{id} {:>3}% {}: {}", order.progress, order.status, order.message),
                    None => println!("{id} is not there any more"),
                }),
                // This reader was too slow to be told one by one.
                Some(Changed::All) => println!("{} orders, any of them may have changed", cache.len()),
                None => return Ok(()),
            },
            // How far the cache can be trusted.
            Ok(()) = link.changed() => {
                let link = link.borrow_and_update().clone();
                let why = link.why.map(|why| format!(": {why}"));
                println!("{:?}{}", link.phase, why.unwrap_or_default());
            }
        }
    }
}
