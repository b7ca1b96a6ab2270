/**
 * Names that nobody else chooses.
 */

/** 128 random bits as hexadecimal text. Works in insecure contexts too, where browsers have no `randomUUID`. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
