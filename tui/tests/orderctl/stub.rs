//! A server that answers as it is told, and the binary that asks it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Command, Output, Stdio},
    thread::JoinHandle,
};

pub(crate) const PROBLEM: &str = r#"{"type":"about:blank","title":"No such order","status":404,"detail":"no order has this id","code":"order-not-found"}"#;

/// An address where nobody is: what is sent there fails.
pub(crate) const NOWHERE: &str = "http://127.0.0.1:1";

/// What was asked.
pub(crate) struct Asked {
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Asked {
    /// Method, path and query.
    pub(crate) fn what(&self) -> &str {
        self.head.lines().next().unwrap().strip_suffix(" HTTP/1.1").unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find_map(|(header, value)| header.eq_ignore_ascii_case(name).then_some(value))
    }
}

/// Answers one request after the other, as many as there are replies; gives what was asked.
pub(crate) fn serving(replies: Vec<(u16, String)>) -> (String, JoinHandle<Vec<Asked>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let answer = |reply| answer(listener.accept().unwrap().0, reply);
        replies.into_iter().map(answer).collect()
    });
    (url, server)
}

fn answer(mut socket: TcpStream, (status, reply): (u16, String)) -> Asked {
    let mut reader = BufReader::new(socket.try_clone().unwrap());
    let lines = reader.by_ref().lines().map(Result::unwrap);
    let head: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
    let mut asked = Asked { head: head.join("\n"), body: String::new() };
    let length = asked.header("content-length").map_or(0, |length| length.parse().unwrap());
    reader.take(length).read_to_string(&mut asked.body).unwrap();
    let length = reply.len();
    write!(socket, "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\n\r\n{reply}").unwrap();
    asked
}

/// The binary, asked to talk to this address, with nothing of the surroundings of the tests.
pub(crate) fn orderctl(url: &str, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orderctl"));
    command.args(args).env("ORDERD_URL", url).env("XDG_CONFIG_HOME", "/no/such/folder").stdin(Stdio::null());
    command.env_remove("ORDERCTL_TOKEN").env_remove("ORDERCTL_PROFILE");
    command
}

/// Exit code, standard output, standard error.
pub(crate) fn run(url: &str, args: &[&str]) -> (i32, String, String) {
    told(orderctl(url, args).output().unwrap())
}

pub(crate) fn told(Output { status, stdout, stderr }: Output) -> (i32, String, String) {
    let [stdout, stderr] = [stdout, stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (status.code().unwrap(), stdout, stderr)
}

pub(crate) const ORDER: &str = r#"{"id":"0199","jobId":"0199","orderType":"market","tokenIn":"SOL","tokenOut":"USDC","amount":"1","slippage":0.5,"status":"pending","progress":0,"message":"","chain":"paper","account":"main","dex":null,"quotes":[],"amountOut":null,"txHash":null,"attempts":0,"maxAttempts":3,"lastError":null,"labels":{},"seq":1,"createdAt":"2026-09-21T14:13:20.000Z","updatedAt":"2026-09-21T14:13:20.000Z"}"#;

/// A page of orders.
pub(crate) fn page(count: u32, next_cursor: Option<&str>) -> (u16, String) {
    let orders = vec![ORDER; count as usize].join(",");
    let next = next_cursor.map_or("null".to_owned(), |cursor| format!("\"{cursor}\""));
    (200, format!(r#"{{"success":true,"orders":[{orders}],"nextCursor":{next}}}"#))
}
