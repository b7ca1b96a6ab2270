//! The three answers to a send, against nodes that are there, gone, or rude.

use crate::desk::{Desk, NEVER, ctx, open_chain, to_send};
use orderd_sdk::plugin::{Context, Prepared, SendOutcome};
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What a rude node does with a request that it has read.
#[derive(Clone, Copy)]
enum Manners {
    HangUp,
    Silence,
    Answer(&'static str),
}

async fn signed(desk: &Desk) -> Prepared {
    let payload = json!({"to": desk.signer.address, "data": "0x", "value": "0"});
    let payload = desk.estimate(payload).await.unwrap();
    desk.prepare(payload, desk.sequence().await).await.unwrap()
}

async fn send_to(address: std::net::SocketAddr, prepared: &Prepared, budget: Duration) -> SendOutcome {
    let chain = open_chain(json!({"rpc": format!("http://{address}/{NEVER}"), "chainId": 31_337})).await;
    chain.send(&Context::within(budget), to_send(prepared)).await
}

async fn serve(listener: TcpListener, manners: Manners) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        treat(stream, manners).await;
    }
}

async fn treat(mut stream: TcpStream, manners: Manners) {
    let mut request = vec![0; 4_096];
    let read = stream.read(&mut request).await.unwrap_or(0);
    assert!(read > 0);
    match manners {
        Manners::HangUp => {}
        Manners::Silence => std::future::pending().await,
        Manners::Answer(answer) => stream.write_all(answer.as_bytes()).await.unwrap(),
    }
}

async fn send_to_rude_node(desk: &Desk, manners: Manners) -> SendOutcome {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let prepared = signed(desk).await;
    tokio::select! {
        outcome = send_to(address, &prepared, Duration::from_millis(500)) => outcome,
        () = serve(listener, manners) => unreachable!("it serves for ever"),
    }
}

#[tokio::test]
async fn where_nobody_listens_nothing_is_sent() {
    let desk = Desk::open().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let outcome = send_to(address, &signed(&desk).await, Duration::from_secs(5)).await;
    let SendOutcome::NotSent { reason } = &outcome else {
        panic!("{outcome:?}");
    };
    assert!(reason.contains("connection refused") && !reason.contains(&NEVER.to_string()), "{reason}");
}

/// The handshake comes before the request: when it fails, no byte of the transaction has left.
#[tokio::test]
async fn without_a_tls_handshake_nothing_is_sent() {
    let desk = Desk::open().await;
    let prepared = signed(&desk).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let chain = open_chain(json!({"rpc": url, "chainId": 31_337})).await;
    let ctx = ctx();
    let outcome = tokio::select! {
        outcome = chain.send(&ctx, to_send(&prepared)) => outcome,
        () = serve(listener, Manners::Answer("HTTP/1.1 400 Bad Request\r\n\r\n")) => unreachable!("it serves for ever"),
    };
    assert!(matches!(outcome, SendOutcome::NotSent { .. }), "{outcome:?}");
}

#[tokio::test]
async fn whatever_a_rude_node_does_the_outcome_is_unknown() {
    let desk = Desk::open().await;
    let answers = [
        "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>",
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{",
        "HTTP/1.1 200 OK\r\ncontent-length: 44\r\n\r\n{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":\"0x0123456\"}",
        "not even HTTP\r\n\r\n",
    ];
    let manners = answers.map(Manners::Answer).into_iter().chain([Manners::HangUp, Manners::Silence]);
    for manners in manners {
        let outcome = send_to_rude_node(&desk, manners).await;
        assert!(matches!(outcome, SendOutcome::Unknown { .. }), "{outcome:?}");
    }
}

#[tokio::test]
async fn the_same_bytes_may_be_sent_again() {
    let desk = Desk::open().await;
    desk.node.rpc.set_automine(false).await.unwrap();
    let prepared = signed(&desk).await;
    for _ in 0..3 {
        assert_eq!(desk.send(&prepared).await, SendOutcome::Accepted);
    }
}

#[tokio::test]
async fn what_is_in_a_block_already_is_not_called_unsent() {
    let desk = Desk::open().await;
    let prepared = signed(&desk).await;
    assert_eq!(desk.send(&prepared).await, SendOutcome::Accepted);
    desk.settle(&prepared).await;
    let again = desk.send(&prepared).await;
    assert!(!matches!(again, SendOutcome::NotSent { .. }), "{again:?}");
}

#[tokio::test]
async fn an_account_without_coins_cannot_send() {
    let desk = Desk::open().await;
    let prepared = signed(&desk).await;
    desk.node.rpc.set_balance(desk.node.world.trader, Default::default()).await.unwrap();
    let outcome = desk.send(&prepared).await;
    assert!(matches!(outcome, SendOutcome::NotSent { .. }), "{outcome:?}");
}

#[tokio::test]
async fn bytes_under_a_wrong_hash_do_not_leave() {
    let desk = Desk::open().await;
    let mut request = to_send(&signed(&desk).await);
    request.hash = format!("0x{}", "0".repeat(64));
    let outcome = desk.chain.send(&ctx(), request).await;
    assert!(matches!(outcome, SendOutcome::NotSent { .. }), "{outcome:?}");
    assert_eq!(desk.sequence().await, 0);
}
