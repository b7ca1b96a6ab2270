/**
 * Single calls, and what can come of them.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fullJitter } from "../dist/backoff.js";
import { OrderdClient, ProblemError, TransportError } from "../dist/index.js";
import { matches } from "../dist/stream/filter.js";
import { Clock, dice } from "./support/clock.js";
import { fresh } from "./support/lives.js";
import { problem } from "./support/model.js";

type Ask = { url: string; init: RequestInit };

function answering(answer: () => Response | Promise<Response>, options = {}) {
  const asked: Ask[] = [];
  const fetch = async (url: string, init: RequestInit) => {
    asked.push({ url, init });
    return answer();
  };
  const client = new OrderdClient({ url: "http://127.0.0.1:3000", fetch: fetch as never, ...options });
  return { client, asked };
}

test("a request carries what the daemon wants to see, and what is left out is not sent", async () => {
  const { client, asked } = answering(() => Response.json({ success: true, orders: [], nextCursor: null }), {
    token: "t",
  });
  const page = await client.orders({ status: ["failed", "unknown"], limit: 5 });
  assert.deepEqual(page, { orders: [], nextCursor: null });
  const [ask] = asked;
  assert.equal(ask?.url, "http://127.0.0.1:3000/api/orders?status=failed%2Cunknown&limit=5");
  assert.equal(new Headers(ask.init.headers).get("authorization"), "Bearer t");
});

test("an order is handed in with a key of its own, or the one that is given", async () => {
  const { client, asked } = answering(() =>
    Response.json(
      { success: true, orderId: "x" },
      { status: 202, headers: { "idempotency-replayed": "true" } },
    ),
  );
  const order = { tokenIn: "SOL", tokenOut: "USDC", amount: "10" };
  const first = await client.submit(order);
  const second = await client.submit(order, { idempotencyKey: "invoice-7" });
  const keys = asked.map(({ init }) => new Headers(init.headers).get("idempotency-key"));
  assert.deepEqual(keys, [first.idempotencyKey, "invoice-7"]);
  assert.match(first.idempotencyKey, /^[0-9a-f]{32}$/);
  assert.ok(second.replayed);
  assert.equal(asked[0]?.init.body, JSON.stringify(order));
});

test("a problem becomes an error with its code, its fields and the time to wait", async () => {
  const body = {
    ...problem(503, "queue-full"),
    errors: [{ field: "amount", code: "amount-zero", detail: "" }],
  };
  const { client } = answering(() => Response.json(body, { status: 503, headers: { "retry-after": "5" } }));
  await assert.rejects(client.order("x"), (error) => {
    assert.ok(error instanceof ProblemError);
    assert.deepEqual([error.status, error.code, error.retryAfterMs], [503, "queue-full", 5_000]);
    assert.equal(error.errors[0]?.code, "amount-zero");
    return error.isPassing;
  });
});

test("what is no answer of a daemon is told apart", async () => {
  const kind = (expected: string) => (error: unknown) =>
    error instanceof TransportError && error.kind === expected;
  for (const body of ["<html>", "{}", "[]", "null"]) {
    const { client } = answering(() => new Response(body, { status: 502 }));
    await assert.rejects(client.status(), kind("malformed"), body);
  }
  const broken = answering(() => Promise.reject(new TypeError("fetch failed")));
  await assert.rejects(broken.client.status(), kind("network"));
});

test("an answer that does not come is given up in time, or when it is not wanted any more", async () => {
  const clock = new Clock();
  const never = (_: string, { signal }: RequestInit) =>
    new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
  const options = { fetch: never as never, timers: clock, timeoutMs: 700 };
  const client = new OrderdClient({ url: "http://127.0.0.1:3000", ...options });
  const late = assert.rejects(
    client.queue(),
    (error) => error instanceof TransportError && error.kind === "timeout",
  );
  await clock.advance(701);
  await late;
  const abort = new AbortController();
  const aborted = assert.rejects(
    client.queue({ signal: abort.signal }),
    (error) => error instanceof TransportError && error.kind === "aborted",
  );
  abort.abort();
  await aborted;
  assert.equal(clock.waiting, 0);
});

test("waits grow, are spread over their whole range, and are bounded", () => {
  const random = dice(7);
  const waits = (attempt: number) =>
    Array.from({ length: 500 }, () => fullJitter({ baseMs: 100, capMs: 5_000 }, attempt, random()));
  for (const [attempt, most] of [
    [0, 100],
    [3, 800],
    [10, 5_000],
    [5_000, 5_000],
  ] as const) {
    const all = waits(attempt);
    assert.ok(Math.max(...all) <= most && Math.max(...all) > most * 0.9, `attempt ${attempt}`);
    assert.ok(Math.min(...all) < most * 0.1, `attempt ${attempt}`);
  }
});

test("a filter matches as the daemon says it does", () => {
  const order = { ...fresh({ tokenIn: "SOL", tokenOut: "USDC", amount: "1", labels: { desk: "7" } }, "x") };
  for (const [filter, expected] of [
    [{}, true],
    [{ ids: ["y", "x"] }, true],
    [{ ids: "y" }, false],
    [{ pair: "SOL/USDC", status: "pending" }, true],
    [{ pair: "USDC/SOL" }, false],
    [{ dex: "paper-alpha" }, false],
    [{ dex: [] }, false],
    [{ label: { desk: ["7", "8"] } }, true],
    [{ label: { desk: "8" } }, false],
    [{ label: { team: "7" } }, false],
  ] as const) {
    assert.equal(matches(filter as never, order), expected, JSON.stringify(filter));
  }
});
