import { latin1 } from "../sniff";

/** Where messages of a mailbox (RFC 4155) and their bodies begin: what other mailboxes may hold, too. */
export function textStarts(mailbox: Uint8Array): number[] {
  const text = latin1(mailbox);
  const starts: number[] = [];
  const message = /(?:^|\n\r?\n)From /g;
  for (let found = message.exec(text); found; found = message.exec(text)) {
    starts.push(message.lastIndex - "From ".length);
    const blank = /\n\r?\n/g;
    blank.lastIndex = message.lastIndex;
    const end = blank.exec(text);
    if (!end) break;
    starts.push(blank.lastIndex);
    // The blank line may be that before the next message, too.
    message.lastIndex = end.index;
  }
  return starts;
}
