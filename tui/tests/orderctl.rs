//! The binary in front of a server that answers as it is told.

#[cfg(test)]
mod binary {
    use std::{
        io::{BufRead, BufReader, Write},
        net::TcpListener,
        process::{Command, Output, Stdio},
        thread::JoinHandle,
    };

    const PROBLEM: &str = r#"{"type":"about:blank","title":"No such order","status":404,"detail":"no order has this id","code":"order-not-found"}"#;

    fn orderctl(url: &str, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orderctl"));
        command.args(args).env("ORDERD_URL", url).env_remove("ORDERCTL_TOKEN").stdin(Stdio::null());
        command
    }

    fn run(url: &str, args: &[&str]) -> (i32, String, String) {
        let Output { status, stdout, stderr } = orderctl(url, args).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (status.code().unwrap(), text(stdout), text(stderr))
    }

    /// Answers one request after the other; gives their first lines.
    fn serving(replies: Vec<(u16, String)>) -> (String, JoinHandle<Vec<String>>) {
        let (url, server) = serving_heads(replies);
        let first_lines = move || {
            let heads = server.join().unwrap().into_iter();
            heads.map(|head| head.lines().next().unwrap().to_owned()).collect()
        };
        (url, std::thread::spawn(first_lines))
    }

    /// Answers one request after the other; gives their heads.
    fn serving_heads(replies: Vec<(u16, String)>) -> (String, JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let answer = |(status, body): (u16, String)| {
                let (mut socket, _) = listener.accept().unwrap();
                let lines = BufReader::new(socket.try_clone().unwrap()).lines().map(Result::unwrap);
                let head: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
                let length = body.len();
                write!(socket, "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\n\r\n{body}").unwrap();
                head.join("\n")
            };
            replies.into_iter().map(answer).collect()
        });
        (url, server)
    }

    fn page(count: u32, next_cursor: Option<&str>) -> (u16, String) {
        let order = r#"{"id":"0199","jobId":"0199","orderType":"market","tokenIn":"SOL","tokenOut":"USDC","amount":"1","slippage":0.5,"status":"pending","progress":0,"message":"","chain":"paper","account":"main","dex":null,"quotes":[],"amountOut":null,"txHash":null,"attempts":0,"maxAttempts":3,"lastError":null,"labels":{},"seq":1,"createdAt":"2026-09-21T14:13:20.000Z","updatedAt":"2026-09-21T14:13:20.000Z"}"#;
        let orders = vec![order; count as usize].join(",");
        let next = next_cursor.map_or("null".to_owned(), |cursor| format!("\"{cursor}\""));
        (200, format!(r#"{{"success":true,"orders":[{orders}],"nextCursor":{next}}}"#))
    }

    #[test]
    fn all_orders_are_read_page_by_page() {
        let (url, server) = serving(vec![page(2, Some("c1")), page(1, None)]);
        let (code, out, err) = run(&url, &["orders", "--all", "--json", "--status", "pending,failed"]);
        assert_eq!((code, out.lines().count(), err.as_str()), (0, 3, ""));
        let asked = server.join().unwrap();
        assert_eq!(asked[0], "GET /api/orders?status=pending,failed&limit=500 HTTP/1.1");
        assert_eq!(asked[1], "GET /api/orders?status=pending,failed&limit=500&cursor=c1 HTTP/1.1");
    }

    #[test]
    fn the_limit_holds_over_pages() {
        let (url, server) = serving(vec![page(500, Some("c1")), page(100, Some("c2"))]);
        let (code, out, _) = run(&url, &["orders", "--limit", "600", "--json"]);
        assert_eq!((code, out.lines().count()), (0, 600));
        assert!(server.join().unwrap()[1].contains("limit=100&cursor=c1"));
    }

    #[test]
    fn each_kind_of_failure_has_its_exit_code() {
        let (url, _server) = serving(vec![(404, PROBLEM.to_owned())]);
        let (code, out, err) = run(&url, &["order", "0199"]);
        assert_eq!((code, out.as_str()), (1, ""));
        assert_eq!(err, "orderctl: refused (order-not-found): no order has this id\n");

        let (url, _server) = serving(vec![(502, "oops".to_owned())]);
        assert_eq!(run(&url, &["status"]).0, 76);

        let closed = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
        let (code, _, err) = run(&format!("http://{closed}"), &["status"]);
        assert_eq!(code, 69);
        assert!(err.starts_with("orderctl: cannot reach the daemon at 127.0.0.1:"), "{err}");

        assert_eq!(run("ftp://localhost", &["status"]).0, 2);
        assert_eq!(run(&url, &["fly"]).0, 2);
        assert_eq!(run(&url, &["--help"]).0, 0);
    }

    #[test]
    fn the_option_goes_before_the_environment() {
        let (url, server) = serving(vec![page(0, None)]);
        let (code, out, _) = run("http://127.0.0.1:1", &["--url", &url, "orders"]);
        assert_eq!((code, out.as_str()), (0, ""));
        server.join().unwrap();
    }

    #[test]
    fn a_reader_that_has_seen_enough_is_no_failure() {
        let (url, _server) = serving(vec![page(500, None)]);
        let mut child =
            orderctl(&url, &["orders"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let Output { status, stderr, .. } = child.wait_with_output().unwrap();
        assert_eq!((status.code(), stderr.as_slice()), (Some(0), &b""[..]));
    }

    #[test]
    fn a_token_comes_from_a_file_or_the_environment_and_is_shown_to_the_daemon_only() {
        let file = std::env::temp_dir().join(format!("orderctl-{}.token", std::process::id()));
        std::fs::write(&file, "from-file-0123456\n").unwrap();
        let file_option = ["--token-file", file.to_str().unwrap(), "orders"];
        for (args, variable, expected) in [
            (&["orders"][..], None, None),
            (&["orders"], Some("from-env-01234567"), Some("from-env-01234567")),
            (&file_option, Some("from-env-01234567"), Some("from-file-0123456")),
        ] {
            let (url, server) = serving_heads(vec![page(0, None)]);
            let mut command = orderctl(&url, args);
            variable.map(|token| command.env("ORDERCTL_TOKEN", token));
            assert!(command.output().unwrap().status.success(), "{args:?}");
            let head = server.join().unwrap().remove(0);
            let shown = head.lines().find_map(|line| line.strip_prefix("authorization: Bearer "));
            assert_eq!(shown, expected, "{args:?}");
        }
        std::fs::write(&file, "two words").unwrap();
        let (code, out, err) = run("http://127.0.0.1:1", &file_option);
        assert_eq!((code, out.as_str()), (2, ""));
        assert!(err.contains("holds no token") && !err.contains("words"), "{err}");
        std::fs::remove_file(&file).unwrap();
        assert_eq!(run("http://127.0.0.1:1", &file_option).0, 2);
        let empty = orderctl("http://127.0.0.1:1", &["orders"]).env("ORDERCTL_TOKEN", "").output().unwrap();
        assert_eq!(empty.status.code(), Some(2));
        assert_eq!(run("http://127.0.0.1:1", &["--token", "0123456789abcdef", "orders"]).0, 2);
    }
}
