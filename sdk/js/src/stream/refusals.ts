/** What the daemon says of a subscription that it does not serve now and may serve later. */

/** Whether it is worth asking again. */
export function isForLater({ code }: { code: string }): boolean {
  return code === "busy" || code === "storage-unavailable";
}
