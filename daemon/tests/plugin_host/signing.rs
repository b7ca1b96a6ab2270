//! A whole daemon with a library that wants signatures for itself.

use crate::{LONG, folder, libraries, records::records};
use orderd::{
    app::Builder,
    config::{self, Environment},
};
use tokio::time::timeout;

#[tokio::test]
async fn a_library_that_asks_for_signatures_of_its_own_accord_gets_none() {
    let (folder, records) = (folder(), records());
    let text = format!(
        "[storage]\nbackend = \"memory\"\n[plugins.greedy]\nfile = {:?}\nisolation = \"in-process\"\n[chains.main]\nplugin = \"greedy\"\n\
         [accounts.desk]\nchain = \"main\"\nkey = {{ env = \"DESK_KEY\" }}\n",
        libraries::example("greedy")
    );
    let key = "01".repeat(32);
    let environment = Environment::from([("DESK_KEY", key.as_str())]);
    let settings = config::parse(&text, folder.path(), &environment).unwrap();
    let daemon = Builder::new(settings).environment(environment).start().await.unwrap();
    let refusal = "the daemon asks for no signature of account desk at sequence 0 now";
    let told = [
        ["WARN orderd::app", "plugin=\"greedy\"", "a signature was refused", refusal],
        ["WARN plugin", "origin=\"greedy", "got no signature", refusal],
        ["WARN orderd::plugin", "chain main is not well", refusal, ""],
    ];
    for words in told {
        timeout(LONG, records.wait_for(&words)).await.unwrap_or_else(|_| panic!("{words:?}"));
    }
    daemon.shut_down().await.unwrap();
}
