/**
 * What readers of the cache see, and when.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { OrderCache } from "../dist/cache.js";
import type { OrderStatus } from "../dist/index.js";
import { fresh } from "./support/lives.js";

const ORDER = { tokenIn: "SOL", tokenOut: "USDC", amount: "1" };

function order(id: string, seq: number, status: OrderStatus = "pending") {
  return { ...fresh(ORDER, id), seq, status };
}

function cache(maxOrders = 100): OrderCache {
  return new OrderCache(maxOrders, () => undefined);
}

test("readers see nothing until it is published, then all of it", () => {
  const orders = cache();
  orders.put(order("a", 1));
  orders.put(order("b", 1));
  assert.deepEqual(orders.all(), []);
  orders.publish();
  assert.deepEqual(
    orders.all().map(({ key }) => key),
    ["b", "a"],
  );
});

test("an older order never takes the place of a newer one", () => {
  const orders = cache();
  assert.equal(orders.put(order("a", 3)), true);
  assert.equal(orders.put(order("a", 2)), false);
  assert.equal(orders.put(order("a", 3)), false);
  orders.publish();
  assert.equal(orders.latest("a")?.seq, 3);
});

test("a listener is called only when what it selects has changed", () => {
  const orders = cache();
  orders.put(order("a", 1));
  orders.put(order("b", 1));
  orders.publish();
  const calls: unknown[] = [];
  const end = orders.subscribe(
    (cache) => cache.get("a"),
    (entry) => calls.push(entry),
  );
  const sizes: number[] = [];
  orders.subscribe(
    (cache) => ({ size: cache.size }),
    ({ size }) => sizes.push(size),
    (a, b) => a.size === b.size,
  );
  orders.put(order("b", 2));
  orders.publish();
  orders.publish();
  assert.equal(calls.length, 0);
  orders.put(order("a", 2));
  orders.publish();
  assert.deepEqual(calls, [orders.get("a")]);
  assert.deepEqual(sizes, []);
  end();
  orders.remove("a");
  orders.publish();
  assert.equal(calls.length, 1);
  assert.deepEqual(sizes, [1]);
});

test("a view gives the same value until it has changed, also to who selects a fresh object", () => {
  const orders = cache();
  orders.put(order("a", 1));
  orders.publish();
  const all = orders.view((cache) => cache.all());
  assert.equal(all.getSnapshot(), all.getSnapshot());
  const ids = orders.view(
    (cache) => cache.all().map(({ key }) => key),
    (a, b) => a.join() === b.join(),
  );
  const before = ids.getSnapshot();
  let calls = 0;
  ids.subscribe(() => (calls += 1));
  orders.put(order("a", 2));
  orders.publish();
  assert.equal(ids.getSnapshot(), before);
  assert.equal(calls, 0);
  orders.put(order("b", 1));
  orders.publish();
  assert.equal(calls, 1);
  assert.deepEqual(ids.getSnapshot(), ["b", "a"]);
});

test("it is bounded: what is over is dropped first, and then what has not changed for longest", () => {
  const orders = cache(3);
  for (const [id, status] of [
    ["a", "pending"],
    ["b", "finalized"],
    ["c", "pending"],
    ["d", "pending"],
  ] as const) {
    orders.put(order(id, 1, status));
  }
  orders.publish();
  assert.deepEqual(
    orders.all().map(({ key }) => key),
    ["d", "c", "a"],
  );
  orders.put(order("a", 2));
  orders.put(order("e", 1));
  orders.publish();
  assert.deepEqual(
    orders.all().map(({ key }) => key),
    ["e", "d", "a"],
  );
});

test("a listener that fails keeps nobody else from hearing", () => {
  const orders = cache();
  const failures: unknown[] = [];
  const { queueMicrotask: own } = globalThis;
  globalThis.queueMicrotask = (call) => {
    try {
      call();
    } catch (failure) {
      failures.push(failure);
    }
  };
  try {
    let calls = 0;
    orders.subscribe(
      (cache) => cache.size,
      () => {
        throw new Error("of the listener's own");
      },
    );
    orders.subscribe(
      (cache) => cache.size,
      () => {
        calls += 1;
      },
    );
    orders.put(order("a", 1));
    orders.publish();
    assert.equal(calls, 1);
    assert.equal(failures.length, 1);
  } finally {
    globalThis.queueMicrotask = own;
  }
});
