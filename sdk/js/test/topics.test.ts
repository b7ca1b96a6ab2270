/**
 * Topics are subscribed only while somebody reads them.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { settle } from "./support/clock.js";
import { World } from "./support/world.js";

test("a topic is subscribed with its first reader, and ended a while after its last", async () => {
  const world = new World();
  await world.connect();
  const { coordinator, model, clock } = world;
  assert.ok(model.live);
  assert.deepEqual([...model.live.subscriptions.keys()], ["orders"]);
  const queue = coordinator.topic("queue");
  const ends = [queue.subscribe(() => undefined), queue.subscribe(() => undefined)];
  assert.ok(model.live.subscriptions.has("queue"));
  for (const end of ends) {
    end();
  }
  await clock.advance(500);
  const end = queue.subscribe(() => undefined);
  await clock.advance(5_000);
  const said = model.live.heard.filter((message) => "id" in message && message.id === "queue");
  assert.equal(said.length, 1, "views may come and go");
  end();
  await clock.advance(1_000);
  assert.equal(model.live.subscriptions.has("queue"), false);
});

test("its value is the object that HTTP gives, and readers are called", async () => {
  const world = new World();
  await world.connect();
  const { coordinator, model } = world;
  const venues = coordinator.topic("venues");
  let calls = 0;
  venues.subscribe(() => (calls += 1));
  assert.equal(venues.getSnapshot(), undefined);
  model.live?.say({ type: "venues", timestamp: "2026-09-21T14:13:20.000Z", venues: [] });
  await settle();
  assert.deepEqual(venues.getSnapshot(), { venues: [] });
  assert.equal(venues.getSnapshot(), venues.getSnapshot());
  assert.equal(calls, 1);
});

test("after a cut it is subscribed again, and asked for over HTTP meanwhile", async () => {
  const world = new World();
  await world.connect();
  const { coordinator, model, clock } = world;
  coordinator.topic("status").subscribe(() => undefined);
  model.acceptsSockets = false;
  model.cut();
  await clock.advance(3_000);
  assert.equal(coordinator.topic("status").getSnapshot()?.epoch, "epoch-1");
  model.acceptsSockets = true;
  await clock.advance(16_000);
  assert.ok(model.live?.subscriptions.has("status"));
});

test("the log keeps its last lines, and begins anew with each connection", async () => {
  const world = new World({ logs: { lines: 3, level: "warn" } });
  await world.connect();
  const { coordinator, model, clock } = world;
  const logs = coordinator.topic("logs");
  logs.subscribe(() => undefined);
  assert.deepEqual(model.live?.subscriptions.get("logs")?.filter, { level: "warn" });
  const say = (...lines: number[]) =>
    model.live?.say({ type: "logs", id: "logs", lines: lines.map((n) => ({ n })) });
  const numbers = () => logs.getSnapshot()?.map(({ n }) => n);
  say(1, 2);
  say(3, 4);
  await settle();
  assert.deepEqual(numbers(), [2, 3, 4]);
  model.cut();
  await clock.advance(1_000);
  say(1);
  await settle();
  assert.deepEqual(numbers(), [1], "the daemon has restarted and counts anew");
});
