/**
 * Where the stream is, and how a token is shown to it: browsers cannot set a header in a handshake.
 */

import type { OrderdClient } from "../client.js";
import type { CoordinatorOptions } from "../options.js";

const PROTOCOL = "orderd.v1";
/** What a subprotocol may consist of (RFC 9110, `token`). */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

export async function target(
  { token, auth }: Pick<CoordinatorOptions, "token" | "auth">,
  client: OrderdClient,
): Promise<{ url: string; protocols: string[] }> {
  const url = new URL("/api/stream", client.url);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  if (token === undefined) {
    return { url: url.href, protocols: [] };
  }
  if (auth !== "ticket" && TOKEN.test(token)) {
    return { url: url.href, protocols: [PROTOCOL, `orderd.token.${token}`] };
  }
  const { ticket } = await client.ticket();
  url.searchParams.set("ticket", ticket);
  return { url: url.href, protocols: [] };
}
