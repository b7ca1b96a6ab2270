/**
 * The socket for Node 20 against servers that behave and servers that do not.
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket as TcpSocket } from "node:net";
import { type TestContext, test } from "node:test";
import { acceptOf } from "../dist/node/handshake.js";
import { type NodeSocketOptions, openNodeSocket } from "../dist/node/socket.js";

type Serve = (tcp: TcpSocket, head: string) => void;

const text = (value: string) => Uint8Array.of(0x81, value.length, ...new TextEncoder().encode(value));

async function serve(t: TestContext, onHead: Serve): Promise<string> {
  const open = new Set<TcpSocket>();
  const server: Server = createServer((tcp) => {
    open.add(tcp);
    tcp.on("error", () => undefined);
    let head = "";
    const read = (chunk: Buffer) => {
      head += chunk.toString("latin1");
      if (head.includes("\r\n\r\n")) {
        tcp.off("data", read);
        onHead(tcp, head);
      }
    };
    tcp.on("data", read);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const tcp of open) {
      tcp.destroy();
    }
    server.close();
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/api/stream?x=1`;
}

function accept(
  tcp: TcpSocket,
  head: string,
  change: (lines: string[]) => string[] = (lines) => lines,
): void {
  const key = /sec-websocket-key: (.*)\r\n/i.exec(head)?.[1] ?? "";
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: keep-alive, Upgrade",
    `Sec-WebSocket-Accept: ${acceptOf(key)}`,
  ];
  tcp.write(`${change(lines).join("\r\n")}\r\n\r\n`);
}

function open(url: string, protocols: string[] = [], options: NodeSocketOptions = {}) {
  const socket = openNodeSocket(url, protocols, options);
  const messages: unknown[] = [];
  const arrivals: (() => void)[] = [];
  socket.onmessage = ({ data }) => {
    messages.push(data);
    for (const arrival of arrivals.splice(0)) {
      arrival();
    }
  };
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.onclose = resolve;
  });
  const message = () => new Promise<void>((resolve) => arrivals.push(resolve));
  return { socket, messages, message, closed };
}

function deferred(): { promise: Promise<Buffer>; resolve: (bytes: Buffer) => void } {
  let resolve: (bytes: Buffer) => void = () => undefined;
  const promise = new Promise<Buffer>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

interface Frame {
  opcode: number;
  payload: string;
}

/** The short frames of a client, unmasked. */
function unmask(bytes: Buffer): Frame[] {
  const frames: Frame[] = [];
  for (let rest = bytes; rest.length > 0; ) {
    const end = 6 + ((rest[1] ?? 0) & 0x7f);
    const mask = rest.subarray(2, 6);
    const payload = rest.subarray(6, end).map((byte, at) => byte ^ (mask[at % 4] ?? 0));
    frames.push({ opcode: (rest[0] ?? 0) & 0x0f, payload: Buffer.from(payload).toString("latin1") });
    rest = rest.subarray(end);
  }
  return frames;
}

test("it opens, hears, says, answers pings and leaves in due form", { timeout: 10_000 }, async (t) => {
  const heard: Frame[] = [];
  const url = await serve(t, (tcp, head) => {
    assert.match(head, /^GET \/api\/stream\?x=1 HTTP\/1\.1\r\n/);
    assert.match(head, /\r\nSec-WebSocket-Protocol: orderd\.v1, orderd\.token\.t\r\n/);
    accept(tcp, head, (lines) => [...lines, "Sec-WebSocket-Protocol: orderd.v1"]);
    tcp.write(Uint8Array.of(0x89, 2, 0x68, 0x69, ...text("one")));
    tcp.on("data", (bytes) => {
      for (const frame of unmask(bytes)) {
        heard.push(frame);
        if (frame.opcode === 1) {
          tcp.write(text("two"));
        } else if (frame.opcode === 8) {
          tcp.end(Uint8Array.of(0x88, 2, 0x03, 0xe8));
        }
      }
    });
  });
  const { socket, messages, message, closed } = open(url, ["orderd.v1", "orderd.token.t"]);
  await message();
  socket.send("hello");
  await message();
  assert.deepEqual(messages, ["one", "two"]);
  socket.close(1000);
  assert.deepEqual(await closed, { code: 1000, reason: "" });
  assert.deepEqual(heard, [
    { opcode: 10, payload: "hi" },
    { opcode: 1, payload: "hello" },
    { opcode: 8, payload: "\u0003\u00e8" },
  ]);
});

test("a close of the server is answered, and told with its code", { timeout: 10_000 }, async (t) => {
  const answer = deferred();
  const url = await serve(t, (tcp, head) => {
    accept(tcp, head);
    tcp.once("data", answer.resolve);
    tcp.write(Uint8Array.of(0x88, 4, 0x10, 0xd6, 0x6e, 0x6f));
  });
  const { closed } = open(url);
  assert.deepEqual(await closed, { code: 4310, reason: "no" });
  assert.deepEqual(unmask(await answer.promise), [{ opcode: 8, payload: "\u0010\u00d6" }]);
});

for (const [what, change] of [
  ["refuses", () => ["HTTP/1.1 403 Forbidden"]],
  ["is no HTTP server", () => ["SSH-2.0-OpenSSH_9.2"]],
  ["answers another handshake", (lines: string[]) => [...lines.slice(0, 3), "Sec-WebSocket-Accept: x"]],
  ["does not upgrade", (lines: string[]) => lines.filter((line) => !line.startsWith("Upgrade"))],
  ["uses an extension", (lines: string[]) => [...lines, "Sec-WebSocket-Extensions: permessage-deflate"]],
  ["chooses another protocol", (lines: string[]) => [...lines, "Sec-WebSocket-Protocol: chat"]],
  ["never ends its answer", () => ["x".repeat(20_000)]],
] as const) {
  test(`a server that ${what} opens nothing`, { timeout: 10_000 }, async (t) => {
    const url = await serve(t, (tcp, head) => accept(tcp, head, change as (lines: string[]) => string[]));
    const { messages, closed } = open(url);
    const { code, reason } = await closed;
    assert.equal(code, 1006);
    assert.notEqual(reason, "");
    assert.deepEqual(messages, []);
  });
}

test("a server that breaks the rules is told which, and left", { timeout: 10_000 }, async (t) => {
  const answer = deferred();
  const url = await serve(t, (tcp, head) => {
    accept(tcp, head);
    tcp.once("data", answer.resolve);
    tcp.write(Uint8Array.of(...text("fine"), 0xc1, 1, 0x78, ...text("unread")));
  });
  const { messages, closed } = open(url);
  assert.deepEqual(await closed, { code: 1002, reason: "a reserved bit is set" });
  assert.deepEqual(messages, ["fine"]);
  assert.deepEqual(unmask(await answer.promise), [{ opcode: 8, payload: "\u0003\u00ea" }]);
});

test("a message beyond the bound is not read", { timeout: 10_000 }, async (t) => {
  const url = await serve(t, (tcp, head) => {
    accept(tcp, head);
    tcp.write(Uint8Array.of(0x81, 126, 0xff, 0xff));
  });
  const { closed } = open(url, [], { maxMessageBytes: 1_000 });
  assert.equal((await closed).code, 1009);
});

test("a connection that breaks is told as that", { timeout: 10_000 }, async (t) => {
  const url = await serve(t, (tcp, head) => {
    accept(tcp, head);
    tcp.write(text("one"), () => tcp.resetAndDestroy());
  });
  assert.equal((await open(url).closed).code, 1006);
  const nobody = await serve(t, (tcp) => tcp.destroy());
  assert.equal((await open(nobody).closed).code, 1006);
});

test("a server that does not answer a close holds nobody", { timeout: 10_000 }, async (t) => {
  const url = await serve(t, (tcp, head) => {
    accept(tcp, head);
    tcp.write(text("one"));
  });
  const { socket, message, closed } = open(url, [], { closeTimeoutMs: 20 });
  await message();
  socket.close();
  assert.equal((await closed).code, 1006);
});
