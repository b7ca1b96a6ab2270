// Follows three orders from the first event to the last over one WebSocket, without a library.
//
//   node docs/examples/node.mjs                            with Node 22 or later
//   node --experimental-websocket docs/examples/node.mjs   with Node 20
//
// ORDERD_URL says where the daemon is. What happens on the wire is told in docs/streaming.md.

const daemon = new URL(process.env.ORDERD_URL ?? "http://127.0.0.1:3000");
const LAST = ["finalized", "failed", "cancelled", "expired"];
const FINAL_CODES = [4310, 4401];
const run = crypto.randomUUID();

/** Where to go on after a cut; nothing before the first snapshot is complete. */
let since;
/** Of each order the last `seq` that was printed. */
const seen = new Map();
const over = new Set();
let attempts = 0;

connect();
const amounts = ["1", "20", "300"];
for (const amount of amounts) {
  await place({ tokenIn: "SOL", tokenOut: "USDC", amount, labels: { run } });
}

/** Hands an order in; sent again with the same key when the answer gets lost, so that it is never placed twice. */
async function place(order) {
  const headers = { "content-type": "application/json", "idempotency-key": crypto.randomUUID() };
  for (;;) {
    const answer = await ask("/api/orders/execute", { method: "POST", headers, body: JSON.stringify(order) });
    if (answer?.ok) {
      return;
    }
    if (answer !== undefined && answer.status !== 503) {
      const { code, detail } = await answer.json();
      throw new Error(`${code}: ${detail}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** The answer, if there is one. */
async function ask(path, request) {
  return fetch(new URL(path, daemon), request).catch(() => undefined);
}

function connect() {
  const url = new URL("/api/stream", daemon);
  url.protocol = "ws:";
  const socket = new WebSocket(url);
  const say = (message) => socket.send(JSON.stringify(message));
  let epoch;
  /** Whether what was missed has not come yet: cursors say nothing then. */
  let isBehind = true;

  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    switch (message.type) {
      case "connection":
        epoch = message.epoch;
        attempts = 0;
        say({ type: "subscribe", id: "mine", topic: "orders", filter: { label: { run } }, since });
        break;
      case "subscribed":
        console.log(message.recovered ? "resumed" : "subscribed");
        isBehind = !message.recovered;
        break;
      case "gap": // A snapshot follows; until it is complete, `since` stays what it was.
        console.log(`gap: ${message.reason}`);
        isBehind = true;
        break;
      case "snapshot":
        if (message.last) {
          since = { epoch, cursor: message.cursor };
          isBehind = false;
          // Whatever was missed is in the history, also of orders that are over and in no snapshot.
          [...seen.keys()].forEach(catchUp);
        }
        break;
      case "ping":
        advance(message.cursor);
        break;
      default: // Events; what this program does not know has none of an event's members.
        if (message.orderId !== undefined) {
          show(message);
          advance(message.cursor);
        }
    }
  };
  let isOpen = true;
  // Not every release of Node says `close` when it could not connect.
  socket.onclose = socket.onerror = ({ code = 1006 }) => {
    if (!isOpen) {
      return;
    }
    isOpen = false;
    if (FINAL_CODES.includes(code)) {
      throw new Error(`closed for good with ${code}`);
    }
    console.log(`cut off with ${code}`);
    // Full jitter: clients that were cut off together do not come back together.
    setTimeout(connect, Math.random() * Math.min(15_000, 250 * 2 ** attempts++));
  };

  function advance(cursor) {
    if (since !== undefined && !isBehind) {
      since = { epoch, cursor: Math.max(since.cursor, cursor) };
    }
  }
}

function show({ orderId, seq, type, message }) {
  const last = seen.get(orderId) ?? 0;
  if (seq <= last) {
    return; // It has come before.
  }
  if (seq > last + 1) {
    catchUp(orderId); // After a gap only: what is missing comes first.
    return;
  }
  seen.set(orderId, seq);
  console.log(`${orderId} ${seq} ${type}: ${message}`);
  if (LAST.includes(type) && over.add(orderId).size === amounts.length) {
    process.exit(0);
  }
}

async function catchUp(orderId) {
  const answer = await ask(`/api/orders/${orderId}/events?since=${seen.get(orderId) ?? 0}`);
  if (answer?.ok) {
    (await answer.json()).events.forEach(show);
  } else {
    setTimeout(() => catchUp(orderId), 500);
  }
}
