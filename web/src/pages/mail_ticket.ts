/** The ticket out of a mail. It stands behind "#", the part of an address that no server is told. */
export function mailTicket(): string {
  return location.hash.slice(1);
}
