/**
 * What happens without a socket: polling, and endings after which nothing is tried any more.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { settle } from "./support/clock.js";
import { problem } from "./support/model.js";
import { World } from "./support/world.js";

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

test("a poll that the daemon refuses for want of a token ends it all", async () => {
  const refuse = async () => Response.json(problem(401, "unauthenticated"), { status: 401 });
  const world = new World({ token: "stale", fetch: refuse as typeof fetch });
  world.model.acceptsSockets = false;
  world.coordinator.start();
  await world.clock.advance(60_000);
  assert.equal(world.state, "down");
  assert.equal(world.clock.waiting, 0);
});
