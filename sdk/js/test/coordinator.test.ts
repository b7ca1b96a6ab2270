/**
 * The coordinator against a model daemon, over a socket that breaks.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { settle } from "./support/clock.js";
import { HEARTBEAT_MS } from "./support/model.js";
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
  for (const [index, code] of (["busy", "storage-unavailable"] as const).entries()) {
    model.live?.say({ type: "error", code, detail: "", id: "orders" });
    await world.clock.advance(1_000);
    assert.equal(asked(), index + 2);
    assert.equal(world.state, "live");
  }

  model.live?.say({ type: "error", code: "invalid-filter", detail: "no such status", id: "orders" });
  await settle();
  assert.equal(world.state, "down");
  assert.match(coordinator.status.getSnapshot().reason ?? "", /no such status/);
  assert.deepEqual(codes, ["order-not-found", "busy", "storage-unavailable", "invalid-filter"]);
});
