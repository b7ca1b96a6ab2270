//! What web pages may read.

use crate::{wire::Reply, world::World};

const HOST: &str = "host: localhost:3000\r\n";

async fn ask(world: &World, request: &str, headers: &str) -> Reply {
    world.ask(format!("{request} HTTP/1.1\r\n{HOST}{headers}\r\n")).await
}

fn header<'a>(reply: &'a Reply, name: &str) -> Option<&'a str> {
    reply.headers.get(name).map(String::as_str)
}

#[tokio::test]
async fn a_page_on_the_same_host_reads_replies_and_problems() {
    let world = World::start().await;
    for (path, status) in [("/health", 200), ("/api/orders", 200), ("/nowhere", 404)] {
        let reply = ask(&world, &format!("GET {path}"), "origin: http://localhost:5173\r\n").await;
        assert_eq!(reply.status, status, "{path}");
        assert_eq!(header(&reply, "access-control-allow-origin"), Some("http://localhost:5173"), "{path}");
        assert_eq!(header(&reply, "vary"), Some("origin"), "{path}");
        let exposed = header(&reply, "access-control-expose-headers").unwrap();
        assert!(exposed.contains("idempotency-replayed") && exposed.contains("location"), "{exposed}");
        assert_eq!(header(&reply, "access-control-allow-credentials"), None);
    }
}

#[tokio::test]
async fn no_other_page_reads_anything() {
    let world = World::start().await;
    for headers in [
        "",
        "origin: http://evil.example\r\n",
        "origin: http://127.0.0.1:3000\r\n",
        "origin: null\r\n",
        "origin: http://localhost:1\r\norigin: http://localhost:2\r\n",
    ] {
        let reply = ask(&world, "GET /health", headers).await;
        assert_eq!(reply.status, 200);
        assert_eq!(header(&reply, "access-control-allow-origin"), None, "{headers}");
    }
    let rebound = "GET /health HTTP/1.1\r\nhost: evil.example\r\norigin: http://evil.example:99\r\n\r\n";
    let reply = world.ask(rebound).await;
    assert_eq!(reply.problem(), (421, "host-not-allowed".into()));
    assert_eq!(header(&reply, "access-control-allow-origin"), None);
}

#[tokio::test]
async fn a_browser_is_told_what_a_page_may_send() {
    let world = World::start().await;
    let asks = "access-control-request-method: POST\r\naccess-control-request-headers: idempotency-key\r\n";
    let page = format!("origin: http://localhost:5173\r\n{asks}");
    let reply = ask(&world, "OPTIONS /api/orders/execute", &page).await;
    assert_eq!(reply.status, 204);
    assert_eq!(header(&reply, "access-control-allow-origin"), Some("http://localhost:5173"));
    assert_eq!(header(&reply, "access-control-allow-methods"), Some("POST"));
    let headers = "authorization, content-type, idempotency-key";
    assert_eq!(header(&reply, "access-control-allow-headers"), Some(headers));

    let foreign = format!("origin: http://evil.example\r\n{asks}");
    let reply = ask(&world, "OPTIONS /api/orders/execute", &foreign).await;
    assert_eq!(reply.problem(), (403, "origin-not-allowed".into()));
    assert_eq!(header(&reply, "access-control-allow-methods"), None);

    let reply = ask(&world, "OPTIONS /api/orders/execute", "origin: http://localhost:1\r\n").await;
    assert_eq!(reply.problem(), (405, "method-not-allowed".into()), "that is no preflight");
}
