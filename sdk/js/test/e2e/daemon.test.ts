/**
 * The coordinator against the daemon, over connections that break, with both kinds of sockets.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Coordinator, type OpenSocket, type Orders, ProblemError } from "../../dist/index.js";
import { openNodeSocket } from "../../dist/node/socket.js";
import { Daemon } from "./support/daemon.js";
import { BreakingProxy } from "./support/proxy.js";

const ORDER = { tokenIn: "SOL", tokenOut: "USDC", amount: "1" };
/** Whatever the environment has, the socket for Node 20 is the one that is tested here. */
const openSocket: OpenSocket = async (url, protocols) => openNodeSocket(url, protocols);

let daemon: Daemon;
before(async () => {
  daemon = await Daemon.start();
});
after(() => daemon.end());

async function follow(orderd: Coordinator, id: string): Promise<number[]> {
  const seqs: number[] = [];
  for await (const { seq } of orderd.follow(id)) {
    seqs.push(seq);
  }
  return seqs;
}

function until(orderd: Coordinator, state: string): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      if (orderd.status.getSnapshot().state === state) {
        end();
        resolve();
      }
    };
    const end = orderd.status.subscribe(check);
    check();
  });
}

async function submit(orderd: Coordinator, request = ORDER): Promise<string> {
  const outcome = await orderd.submit(request).done;
  assert.ok(outcome.kind === "accepted", JSON.stringify(outcome));
  return outcome.accepted.orderId;
}

/** Waits until the cache shows an order at this event; it may be told of it a picture later than who follows. */
function shown(orderd: Coordinator, id: string, seq: number): Promise<void> {
  const seqOf = (orders: Orders) => {
    const entry = orders.get(id);
    return entry?.kind === "order" ? entry.order.seq : 0;
  };
  return new Promise((resolve) => {
    const check = (at: number) => {
      if (at >= seq) {
        end();
        resolve();
      }
    };
    const end = orderd.cache.subscribe(seqOf, check);
    check(seqOf(orderd.cache));
  });
}

async function assertWhole(orderd: Coordinator, ids: string[], lives: number[][]): Promise<void> {
  for (const [at, id] of ids.entries()) {
    const order = await orderd.client.order(id);
    await shown(orderd, id, order.seq);
    assert.deepEqual(
      lives[at],
      Array.from({ length: order.seq }, (_, seq) => seq + 1),
      id,
    );
    const entry = orderd.cache.get(id);
    assert.deepEqual(entry?.kind === "order" ? entry.order : entry, order);
  }
}

test("many lives are told whole while the connection breaks again and again", {
  timeout: 60_000,
}, async () => {
  let said = 0;
  const proxy = await BreakingProxy.start(daemon.url, (text) => {
    said += text.includes('"orderId":') ? 1 : 0;
    return said % 4 === 3;
  });
  const orderd = new Coordinator({ url: proxy.url, openSocket, pollMs: 500 });
  orderd.start();
  try {
    const ids: string[] = [];
    const lives: number[][] = [];
    while (proxy.cuts < 4) {
      const some = await Promise.all([submit(orderd), submit(orderd), submit(orderd), submit(orderd)]);
      ids.push(...some);
      lives.push(...(await Promise.all(some.map((id) => follow(orderd, id)))));
    }
    await assertWhole(orderd, ids, lives);
    assert.equal(orderd.counters.malformed, 0);
    assert.equal(orderd.counters.gaps, 0);
  } finally {
    orderd.stop();
    proxy.end();
  }
});

test("a daemon that is killed and comes back is followed on", { timeout: 60_000 }, async () => {
  const orderd = new Coordinator({ url: daemon.url, openSocket, pollMs: 500, submissionLabel: "submission" });
  orderd.start();
  try {
    await until(orderd, "live");
    const ids = await Promise.all([submit(orderd), submit(orderd), submit(orderd)]);
    const lives = Promise.all(ids.map((id) => follow(orderd, id)));
    await daemon.crash();
    const late = orderd.submit(ORDER);
    const whole = await lives;
    await until(orderd, "live");
    await assertWhole(orderd, ids, whole);
    assert.equal((await late.done).kind, "accepted");
  } finally {
    orderd.stop();
  }
});

test("only what is asked for comes, and an order outside the filter can be followed", {
  timeout: 60_000,
}, async () => {
  const filter = { label: { desk: "7" } };
  const orderd = new Coordinator({ url: daemon.url, openSocket, filter });
  orderd.start();
  try {
    await until(orderd, "live");
    const mine = await submit(orderd, { ...ORDER, labels: { desk: "7" } } as typeof ORDER);
    const other = await submit(orderd);
    const lives = await Promise.all([follow(orderd, mine), follow(orderd, other)]);
    await assertWhole(orderd, [mine, other], lives);
  } finally {
    orderd.stop();
  }
});

test("topics are told over the socket and by polling alike", { timeout: 60_000 }, async () => {
  const proxy = await BreakingProxy.start(daemon.url);
  const orderd = new Coordinator({ url: proxy.url, openSocket, pollMs: 200 });
  const names = ["queue", "venues", "clients", "status", "actions", "logs"] as const;
  const first = () =>
    Promise.all(
      names.map((name) => {
        const view = orderd.topic(name);
        return new Promise<void>((resolve) => {
          const end = view.subscribe(() => {
            end();
            resolve();
          });
        });
      }),
    );
  orderd.start();
  try {
    await first();
    assert.ok(
      orderd
        .topic("venues")
        .getSnapshot()
        ?.venues.some(({ name }) => name === "paper-alpha"),
    );
    assert.ok((orderd.topic("clients").getSnapshot()?.total ?? 0) >= 1);
    assert.ok((orderd.topic("logs").getSnapshot()?.length ?? 0) >= 1);
    proxy.admitsSockets = false;
    proxy.cutSockets();
    await until(orderd, "polling");
    await first();
    assert.equal(orderd.topic("status").getSnapshot()?.phase, "running");
  } finally {
    orderd.stop();
    proxy.end();
  }
});

test("the daemon's problems come as errors", { timeout: 60_000 }, async () => {
  const orderd = new Coordinator({ url: daemon.url, openSocket });
  const outcome = await orderd.submit({ ...ORDER, amount: "0" }).done;
  assert.ok(outcome.kind === "failed" && outcome.problem instanceof ProblemError);
  assert.equal(outcome.problem.code, "amount-zero");
  await assert.rejects(
    follow(orderd, "01a0c1e2-8a10-7c31-9d2c-4f6f0d6f7a01"),
    (error) => error instanceof ProblemError && error.code === "order-not-found",
  );
});

const TOKENS = `
[auth.tokens.desk]
token_env = "DESK_TOKEN"
scope = "trade"
`;

test("a token is shown to the stream in each way, and a wrong one ends it all", {
  timeout: 60_000,
}, async (t) => {
  const token = "a-token-of-32-characters-at-least";
  const guarded = await Daemon.start(TOKENS, { DESK_TOKEN: token });
  t.after(() => guarded.end());
  for (const auth of ["subprotocol", "ticket"] as const) {
    const orderd = new Coordinator({ url: guarded.url, openSocket, token, auth });
    orderd.start();
    await until(orderd, "live");
    const id = await submit(orderd);
    assert.equal((await follow(orderd, id)).length, 8, auth);
    orderd.stop();
  }
  for (const wrong of ["another-token-of-32-characters-at-least", undefined]) {
    const orderd = new Coordinator({ url: guarded.url, openSocket, pollMs: 50, token: wrong });
    const downs: (string | undefined)[] = [];
    orderd.status.subscribe(() => {
      const { state, reason, retryAt } = orderd.status.getSnapshot();
      if (state === "down" && retryAt === undefined) {
        downs.push(reason);
      }
    });
    orderd.start();
    while (downs.length === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(downs[0], "it says why");
    orderd.stop();
  }
});
