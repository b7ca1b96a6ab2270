/**
 * The opening handshake of RFC 6455, from the side of a client.
 */

import { createHash, randomBytes } from "node:crypto";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** The largest head of an answer. */
export const MAX_HEAD_BYTES = 16 * 1024;

export interface Handshake {
  request: string;
  /** What the server has to answer with. */
  accept: string;
}

export function offer(url: URL, protocols: readonly string[]): Handshake {
  const key = randomBytes(16).toString("base64");
  const lines = [
    `GET ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "User-Agent: orderd-client-js",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${key}`,
    ...(protocols.length > 0 ? [`Sec-WebSocket-Protocol: ${protocols.join(", ")}`] : []),
  ];
  return { request: `${lines.join("\r\n")}\r\n\r\n`, accept: acceptOf(key) };
}

/** What proves that a server has read the handshake with this key. */
export function acceptOf(key: string): string {
  return createHash("sha1")
    .update(key + GUID)
    .digest("base64");
}

/** Throws when the head of an answer does not open the connection that was offered. */
export function checkAnswer(head: string, accept: string, protocols: readonly string[]): void {
  const [first = "", ...lines] = head.split("\r\n");
  const status = /^HTTP\/1\.1 (\d{3})(?: |$)/.exec(first)?.[1];
  if (status !== "101") {
    throw new Error(
      status === undefined ? "the server does not speak HTTP/1.1" : `the server answers ${status}`,
    );
  }
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value);
  }
  const has = (name: string, word: string) =>
    (headers.get(name) ?? "").split(",").some((part) => part.trim().toLowerCase() === word);
  if (!has("upgrade", "websocket") || !has("connection", "upgrade")) {
    throw new Error("the server does not upgrade the connection");
  }
  if (headers.get("sec-websocket-accept") !== accept) {
    throw new Error("the server answers another handshake");
  }
  if (headers.has("sec-websocket-extensions")) {
    throw new Error("the server uses an extension that was not offered");
  }
  const protocol = headers.get("sec-websocket-protocol");
  if (protocol !== undefined && !protocols.includes(protocol)) {
    throw new Error("the server chooses a subprotocol that was not offered");
  }
}
