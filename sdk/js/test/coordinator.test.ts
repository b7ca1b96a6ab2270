/**
 * The coordinator against a model daemon over a network that breaks.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { settle } from "./support/clock.js";
import { HEARTBEAT_MS, problem } from "./support/model.js";
import { World } from "./support/world.js";

test("what is live is shown first, then everything as it happens", async () => {
  const world = new World();
  const { model } = world;
  const ids = [1, 2, 3, 4, 5].map(() => model.accept());
  await world.connect();
  world.assertSame();
  assert.deepEqual(world.states, ["connecting", "live"]);

  const seen: number[] = [];
  world.coordinator.onEvent((event) => seen.push(event.seq));
  model.finish(ids[0] ?? "");
  await world.clock.advance(20);
  world.assertSame();
  assert.deepEqual(seen, [2, 3, 4, 5, 6, 7, 8]);
  assert.equal(world.coordinator.counters.holes, 0);
});

test("after a cut it continues where it was, without a snapshot", async () => {
  const world = new World();
  const { model, coordinator } = world;
  const id = model.accept();
  await world.connect();
  model.step(id);
  await settle();
  model.cut();
  model.acceptsSockets = false;
  model.answersHttp = false;
  model.finish(id);
  const late = model.accept();
  await world.clock.advance(5_000);
  assert.equal(world.state, "down");

  model.acceptsSockets = true;
  await world.rest();
  world.assertSame();
  assert.equal(world.cached(late)?.seq, 1);
  assert.equal(world.state, "live");
  const { reconnects, recovered, gaps, holes, duplicates } = coordinator.counters;
  assert.deepEqual(
    { reconnects, recovered, gaps, holes, duplicates },
    {
      reconnects: 1,
      recovered: 1,
      gaps: 0,
      holes: 0,
      duplicates: 0,
    },
  );
});

test("while the socket is down, changes come by polling, and the socket takes over from there", async () => {
  const world = new World();
  const { model } = world;
  const id = model.accept();
  await world.connect();
  model.acceptsSockets = false;
  model.cut();
  await world.clock.advance(100);
  assert.equal(world.state, "polling");
  model.step(id);
  model.step(id);
  const other = model.accept();
  await world.clock.advance(2_100);
  world.assertSame();

  model.step(other);
  model.acceptsSockets = true;
  await world.clock.advance(16_000);
  assert.equal(world.state, "live");
  world.assertSame();
  const since = model.live?.subscriptions.get("orders")?.since;
  assert.ok(since && "cursor" in since && since.cursor >= 4, JSON.stringify(since));
  const polls = world.coordinator.counters.polls;
  await world.rest();
  assert.equal(world.coordinator.counters.polls, polls, "nobody polls beside the socket");
});

test("a poll that is under way when the socket is back changes nothing", async () => {
  const world = new World();
  const { model, coordinator } = world;
  const id = model.accept();
  await world.connect();
  let release: (() => void) | undefined;
  model.hold = new Promise((resolve) => {
    release = resolve;
  });
  model.cut();
  await world.clock.advance(1_000);
  assert.equal(world.state, "live");
  model.finish(id);
  await settle();
  release?.();
  await world.rest();
  assert.equal(coordinator.counters.polls, 1);
  assert.equal(coordinator.counters.duplicates, 0);
  world.assertSame();
});

test("without a socket ever, polling alone shows everything", async () => {
  const world = new World();
  const { model } = world;
  model.acceptsSockets = false;
  const ids = Array.from({ length: 700 }, () => model.accept());
  world.coordinator.start();
  await world.clock.advance(3_000);
  assert.equal(world.state, "polling");
  world.assertSame();
  for (const id of ids) {
    model.finish(id);
  }
  await world.clock.advance(3_000);
  world.assertSame();
});

test("a silent socket is stale first, then given up", async () => {
  const world = new World();
  const { model } = world;
  const id = model.accept();
  await world.connect();
  assert.ok(model.live);
  model.live.isStalled = true;
  model.step(id);
  await world.clock.advance(1.5 * HEARTBEAT_MS);
  assert.equal(world.state, "stale");
  await world.clock.advance(1.6 * HEARTBEAT_MS);
  assert.equal(world.state, "live");
  assert.equal(world.coordinator.counters.reconnects, 1);
  world.assertSame();
});

test("heartbeats alone keep it live, and tell how far it is", async () => {
  const world = new World();
  await world.connect();
  await world.clock.advance(20 * HEARTBEAT_MS);
  assert.deepEqual(world.states, ["connecting", "live"]);
  world.model.live?.say({ type: "ping", cursor: 3, top: 10 });
  await settle();
  assert.equal(world.coordinator.status.getSnapshot().lag, 7);
});

test("what comes twice is told once", async () => {
  const world = new World();
  const { model, coordinator } = world;
  const id = model.accept();
  await world.connect();
  assert.ok(model.live);
  model.live.copies = 2;
  const seen: number[] = [];
  coordinator.onEvent(({ seq }) => seen.push(seq));
  model.step(id);
  model.step(id);
  await settle();
  assert.deepEqual(seen, [2, 3]);
  assert.equal(coordinator.counters.duplicates, 2);
});

test("after a gap, orders that are over by now are asked for one by one", async () => {
  const world = new World();
  const { model, coordinator } = world;
  const [over, goesOn] = [model.accept(), model.accept()];
  await world.connect();
  assert.ok(model.live);
  model.live.isStalled = true;
  model.finish(over);
  model.step(goesOn);
  model.live.isStalled = false;
  model.live.gap("slow");
  await settle();
  assert.equal(coordinator.counters.gaps, 1);
  await world.clock.advance(100);
  world.assertSame();
  assert.equal(coordinator.counters.fetched, 1);
  assert.equal(world.state, "live");
});

test("a cut between a gap and its snapshot loses nothing", async () => {
  const world = new World();
  const { model } = world;
  const id = model.accept();
  await world.connect();
  assert.ok(model.live);
  model.live.isStalled = true;
  model.finish(id);
  model.live.isStalled = false;
  model.live.say({ type: "gap", id: "orders", reason: "slow", cursor: model.cursor });
  model.accept();
  await settle();
  model.answersHttp = false;
  model.cut();
  await world.clock.advance(1_000);
  world.assertSame();
  assert.equal(world.coordinator.counters.recovered, 1);

  model.accept();
  await settle();
  model.cut();
  await world.clock.advance(1_000);
  assert.deepEqual(model.live?.subscriptions.get("orders")?.since, {
    epoch: model.epoch,
    cursor: model.cursor,
  });
});

test("a heartbeat before the subscription has begun says nothing about it", async () => {
  const world = new World();
  const { model } = world;
  const id = model.accept();
  await world.connect();
  const { cursor } = model;
  model.answersHttp = false;
  model.isDeaf = true;
  model.cut();
  model.step(id);
  await world.clock.advance(300);
  model.live?.say({ type: "ping", cursor: model.cursor, top: model.cursor });
  await settle();
  assert.equal(world.state, "stale");
  model.isDeaf = false;
  model.cut();
  await world.clock.advance(1_000);
  assert.deepEqual(model.live?.subscriptions.get("orders")?.since, { epoch: model.epoch, cursor });
  world.assertSame();
});

test("a reconciliation that fails is tried again until it succeeds", async () => {
  const world = new World();
  const { model } = world;
  const id = model.accept();
  await world.connect();
  model.acceptsSockets = false;
  model.answersHttp = false;
  model.cut();
  model.finish(id);
  model.forget();
  await world.clock.advance(1_000);
  model.acceptsSockets = true;
  await world.clock.advance(20_000);
  assert.equal(world.state, "stale", "connected, but not known to be right");
  model.answersHttp = true;
  await world.clock.advance(5_000);
  assert.equal(world.state, "live");
  world.assertSame();
});

test("another store takes the place of everything, even with the same orders further back", async () => {
  const world = new World();
  const { model } = world;
  const [gone, restored, ended] = [model.accept(), model.accept(), model.accept()];
  await world.connect();
  model.step(restored);
  model.step(restored);
  model.finish(ended);
  await world.clock.advance(100);
  model.answersHttp = false;
  model.replaceStore();
  model.accept({ tokenIn: "ETH", tokenOut: "USDC", amount: "2" }, restored);
  await world.clock.advance(1_000);
  assert.equal(world.coordinator.counters.gaps, 1);
  model.answersHttp = true;
  await world.rest();
  world.assertSame();
  assert.equal(world.cached(restored)?.seq, 1);
  assert.equal(world.cached(gone), undefined);
  assert.equal(world.cached(ended), undefined);
});

test("another store is noticed by polling too", async () => {
  const world = new World();
  const { model } = world;
  const [gone, restored] = [model.accept(), model.accept()];
  await world.connect();
  model.step(restored);
  await world.clock.advance(100);
  model.acceptsSockets = false;
  model.replaceStore();
  model.accept(undefined, restored);
  await world.clock.advance(5_000);
  assert.equal(world.state, "polling");
  world.assertSame();
  assert.equal(world.cached(gone), undefined);
});

test("when the daemon has forgotten the cursor, polling lists afresh", async () => {
  const world = new World();
  const { model } = world;
  const [over, goesOn] = [model.accept(), model.accept()];
  await world.connect();
  model.acceptsSockets = false;
  model.cut();
  await settle();
  model.finish(over);
  model.step(goesOn);
  model.forget();
  await world.clock.advance(5_000);
  world.assertSame();
  assert.equal(world.coordinator.counters.gaps, 1);
  assert.equal(world.state, "polling");
});

test("a daemon that restarts is given the time that it asks for", async () => {
  const world = new World();
  const { model } = world;
  await world.connect();
  model.live?.say({ type: "reconnect", afterMs: 7_000 });
  await settle();
  model.cut(1012);
  await world.clock.advance(6_900);
  assert.equal(model.attempts.length, 1);
  await world.clock.advance(200);
  assert.equal(model.attempts.length, 2);
  assert.equal(world.state, "live");
});

test("attempts to connect are spread, and further apart each time", async () => {
  const world = new World();
  const { model } = world;
  model.acceptsSockets = false;
  model.answersHttp = false;
  world.coordinator.start();
  await world.clock.advance(10 * 60_000);
  const { length } = model.attempts;
  // 250 ms doubled up to 15 s, each wait half of that on average: 80 in ten minutes, give or take.
  assert.ok(length > 50 && length < 130, `${length} attempts`);
  assert.ok(world.coordinator.counters.polls < 200, "polls are spread too");
});

for (const [code, why] of [
  [4310, "operator"],
  [4401, "token"],
] as const) {
  test(`after ${code} it does not come back by itself`, async () => {
    const world = new World();
    const { model, coordinator } = world;
    await world.connect();
    model.cut(code);
    const requests = model.requests.length;
    await world.clock.advance(10 * 60_000);
    assert.equal(world.state, "down");
    assert.match(coordinator.status.getSnapshot().reason ?? "", new RegExp(why));
    assert.equal(model.attempts.length, 1);
    assert.equal(model.requests.length, requests);
    assert.equal(world.clock.waiting, 0, "nothing is planned");

    const id = model.accept();
    coordinator.start();
    await world.clock.advance(100);
    assert.equal(world.state, "live");
    assert.ok(world.cached(id));
  });
}

test("stop leaves nothing running", async () => {
  const world = new World();
  await world.connect();
  const { model, coordinator } = world;
  coordinator.stop();
  await world.clock.advance(1_000);
  assert.equal(world.state, "down");
  assert.equal(model.live, undefined);
  assert.equal(world.clock.waiting, 0);
});

test("a token goes as a subprotocol where it can, else by a ticket", async () => {
  const plain = new World({ token: "abc-123" });
  await plain.connect();
  assert.deepEqual(plain.model.attempts[0]?.protocols, ["orderd.v1", "orderd.token.abc-123"]);
  const odd = new World({ token: "with space" });
  await odd.connect();
  assert.deepEqual(odd.model.attempts, [{ url: "ws://127.0.0.1:3000/api/stream?ticket=t-1", protocols: [] }]);
});

test("a daemon that wants a token is shown it once more, or left where there is none", async () => {
  for (const token of ["t", undefined]) {
    const world = new World({ token });
    world.model.authenticates = false;
    world.coordinator.start();
    await settle();
    assert.equal(world.state, token === undefined ? "down" : "connecting");
    const said = world.model.sessions[0]?.heard;
    assert.deepEqual(said, token === undefined ? [] : [{ type: "auth", token }]);
    world.model.live?.say({ type: "authenticated", name: "desk", scope: "read" });
    await settle();
    assert.equal(world.state, token === undefined ? "down" : "live");
  }
});

test("with a filter, an order that leaves it is still seen to the end", async () => {
  const world = new World({ filter: { status: ["pending", "routing"] } });
  const { model } = world;
  const id = model.accept();
  await world.connect();
  for (let step = 0; step < 3; step += 1) {
    model.step(id);
  }
  await world.clock.advance(20);
  assert.equal(world.cached(id)?.status, "building");
});

test("messages that make no sense are counted and left alone", async () => {
  const world = new World();
  await world.connect();
  const { model, coordinator } = world;
  for (const data of ["{", "[]", "7", new ArrayBuffer(2)]) {
    model.live?.socket.onmessage?.({ data });
  }
  model.live?.say({ type: "of-a-later-version", id: "orders" });
  await settle();
  assert.equal(coordinator.counters.malformed, 4);
  assert.equal(world.state, "live");
});

test("a daemon that is busy is asked again, and what it does not serve is told", async () => {
  const world = new World({ filter: { ids: ["nobody"] } });
  const { model, coordinator } = world;
  await world.connect();
  const codes: string[] = [];
  coordinator.onComplaint(({ code }) => codes.push(code));
  const asked = () => model.live?.heard.filter(({ type }) => type === "subscribe").length;
  model.live?.say({ type: "error", code: "order-not-found", detail: "", id: "orders" });
  model.live?.say({ type: "error", code: "busy", detail: "", id: "orders" });
  await world.clock.advance(1_000);
  assert.equal(asked(), 2);
  assert.equal(world.state, "live");

  model.live?.say({ type: "error", code: "invalid-filter", detail: "no such status", id: "orders" });
  await settle();
  assert.equal(world.state, "down");
  assert.match(coordinator.status.getSnapshot().reason ?? "", /no such status/);
  assert.deepEqual(codes, ["order-not-found", "busy", "invalid-filter"]);
});

test("a poll that the daemon refuses for want of a token ends it all", async () => {
  const refuse = async () => Response.json(problem(401, "unauthenticated"), { status: 401 });
  const world = new World({ token: "stale", fetch: refuse as typeof fetch });
  world.model.acceptsSockets = false;
  world.coordinator.start();
  await world.clock.advance(60_000);
  assert.equal(world.state, "down");
  assert.equal(world.clock.waiting, 0);
});
